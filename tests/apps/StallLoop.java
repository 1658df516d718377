// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.channels.Selector;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * A selector's loop that is held up by arithmetic: `stall MS` on stdin, `stalled {begun, ended}` on
 * stdout, CLOCK_MONOTONIC in nanoseconds. Says `ready {}` first.
 */
public class StallLoop {
    private static final BlockingQueue<Long> asked = new LinkedBlockingQueue<>();
    private static long sum = 1;

    static long mix(long x, int rounds) {
        for (int i = 0; i < rounds; i++)
            x = x * 6364136223846793005L + 1442695040888963407L;
        return x;
    }

    static void handle(long ms) {
        long begun = System.nanoTime();
        long end = begun + ms * 1_000_000L;
        while (System.nanoTime() < end)
            sum = mix(sum, 100_000);
        System.out.printf("stalled {\"begun\": %d, \"ended\": %d}%n", begun, System.nanoTime());
    }

    static void listen(Selector selector) {
        try (var lines = new BufferedReader(new InputStreamReader(System.in))) {
            for (String line; (line = lines.readLine()) != null; selector.wakeup())
                asked.add(Long.parseLong(line.split(" ")[1]));
        } catch (Exception e) {
            e.printStackTrace();
        }
        System.exit(0);
    }

    public static void main(String[] arguments) throws Exception {
        Selector selector = Selector.open();
        Thread listener = new Thread(() -> listen(selector));
        listener.setDaemon(true);
        listener.start();
        System.out.println("ready {}");
        for (;;) {
            selector.select(1000);
            for (Long ms; (ms = asked.poll()) != null;)
                handle(ms);
        }
    }
}
