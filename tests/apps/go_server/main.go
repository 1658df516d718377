// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause

// An HTTP server of Go's own library. Says `ready` with its port, and ends with its stdin. Any of
// its threads may poll for all its goroutines, between running those: none of them is a loop.
package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"
)

func hello(writer http.ResponseWriter, _ *http.Request) {
	fmt.Fprintln(writer, "hello")
}

func spin(writer http.ResponseWriter, _ *http.Request) {
	for start := time.Now(); time.Since(start) < 3*time.Millisecond; {
	}
	fmt.Fprintln(writer, "hello")
}

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("ready {\"port\": %d}\n", listener.Addr().(*net.TCPAddr).Port)
	http.HandleFunc("/", hello)
	http.HandleFunc("/spin", spin)
	go http.Serve(listener, nil)
	io.Copy(io.Discard, os.Stdin)
}
