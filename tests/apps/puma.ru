# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# A Rack application that sleeps on /sleep, in the thread that Puma has given the request to.
run lambda { |environment|
  sleep 0.1 if environment["PATH_INFO"] == "/sleep"
  [200, { "content-type" => "text/plain" }, ["hello\n"]]
}
