// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//! A tokio program that does one kind of work and tells how busy its threads were.
//!
//! `tokio_loops multi|current WORK`; the kinds of work are in work.rs. Says `ready {}`, takes
//! `start` and `stop` on stdin and answers `started` and `stopped` with JSON: each thread's own
//! account (account.rs), what tokio-metrics says of all workers since the line before, what tasks
//! waited for, and the threads of the blocking pool. The runtime idles outside the two lines, but
//! for a turn of each worker at waiting for events before `started`.

mod account;
mod work;

use std::collections::HashSet;
use std::io::BufRead;
use std::time::Duration;
use tokio::runtime::{Builder, Handle};
use tokio_metrics::{RuntimeIntervals, RuntimeMonitor};

const WORKERS: usize = 2;

fn build(flavor: &str) -> Handle {
    let mut builder = match flavor {
        "multi" => Builder::new_multi_thread(),
        "current" => Builder::new_current_thread(),
        other => panic!("neither multi nor current: {other}"),
    };
    let runtime = builder
        .worker_threads(WORKERS)
        .enable_all()
        .on_thread_park(account::parks)
        .on_thread_unpark(account::unparked)
        .build()
        .unwrap();
    let handle = runtime.handle().clone();
    // a runtime of one thread runs in the thread that waits for its main task
    std::thread::Builder::new()
        .name("runtime".to_string())
        .spawn(move || runtime.block_on(std::future::pending::<()>()))
        .unwrap();
    handle
}

/// All tasks are done, and each worker is parked; tokio tells its figures as it parks. A thread
/// that was a worker, and blocked in place meanwhile, is not parked.
fn await_idle(handle: &Handle) {
    let metrics = handle.metrics();
    while metrics.num_alive_tasks() > 0 || account::nr_parked() < metrics.num_workers() {
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// One that was never seen to wait for events is not known to loopscope: so each has the driver
/// once. While one of them works, the other finds it free when it parks.
fn give_each_a_turn(handle: &Handle) {
    let mut seen = HashSet::new();
    while seen.len() < handle.metrics().num_workers() {
        work::spin_in_two(handle);
        await_idle(handle);
        seen.extend(account::threads_in_epoll());
    }
}

fn say(word: &str, intervals: &mut RuntimeIntervals) {
    let tokio = intervals.next().unwrap();
    println!(
        "{word} {{\"now_ns\": {}, \"threads\": {}, \"blocking\": {:?}, \"waited_ns\": {}, \
         \"tokio_busy_ns\": {}, \"tokio_parks\": {}}}",
        account::now_ns(),
        account::threads_json(),
        work::blocking_threads(),
        work::waited_ns(),
        tokio.total_busy_duration.as_nanos(),
        tokio.total_park_count,
    );
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, flavor, kind] = &arguments[..] else {
        panic!("usage: tokio_loops multi|current WORK");
    };
    let handle = build(flavor);
    let mut intervals = RuntimeMonitor::new(&handle).intervals();
    println!("ready {{}}");
    for line in std::io::stdin().lock().lines() {
        match line.unwrap().as_str() {
            "start" => {
                await_idle(&handle);
                give_each_a_turn(&handle);
                say("started", &mut intervals);
                work::start(&handle, kind);
            }
            "stop" => {
                work::stop();
                await_idle(&handle);
                say("stopped", &mut intervals);
            }
            other => panic!("neither start nor stop: {other}"),
        }
    }
    std::process::exit(0);
}
