// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//! The kinds of work, each beside ticks every millisecond:
//!
//!     echo        TCP clients and their server
//!     spin        3 ms on a CPU every 10 ms
//!     sleep       asleep for 20 ms every 50 ms, in a task
//!     mutex       a task waits for a mutex that another thread holds for 300 ms
//!     parking_lot the same, for that library's
//!     condvar     a task waits 300 ms for another thread to notify it
//!     blocking    tasks that wait for the blocking pool
//!     in_place    tasks that block in place, so that workers change their threads

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::sync::{Condvar, Mutex};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::task;

use crate::account;

const CLIENTS: usize = 8;
const HELD: Duration = Duration::from_millis(300);

static WORKING: AtomicBool = AtomicBool::new(false);
static WAITED_NS: AtomicU64 = AtomicU64::new(0);
static BLOCKING: Mutex<Vec<i32>> = Mutex::new(Vec::new());

static MUTEX: Mutex<()> = Mutex::new(());
static PARKING_LOT: parking_lot::Mutex<()> = parking_lot::const_mutex(());
static NOTIFIED: Mutex<bool> = Mutex::new(false);
static CONDVAR: Condvar = Condvar::new();

pub fn waited_ns() -> u64 {
    WAITED_NS.load(SeqCst)
}

pub fn blocking_threads() -> Vec<i32> {
    BLOCKING.lock().unwrap().clone()
}

fn working() -> bool {
    WORKING.load(SeqCst)
}

pub fn stop() {
    WORKING.store(false, SeqCst);
}

pub fn start(handle: &Handle, kind: &str) {
    WORKING.store(true, SeqCst);
    (0..4).for_each(|_| drop(handle.spawn(every(1, || ()))));
    drop(handle.spawn(run(kind.to_string())));
}

/// Two tasks, of which one ends sooner.
pub fn spin_in_two(handle: &Handle) {
    drop(handle.spawn(async { spin(2) }));
    drop(handle.spawn(async { spin(1) }));
}

async fn run(kind: String) {
    match kind.as_str() {
        "echo" => echo().await,
        "spin" => every(10, || spin(3)).await,
        "sleep" => every(50, || waits(|| sleep(20))).await,
        "mutex" => wait_for(hold_mutex, || drop(MUTEX.lock())).await,
        "parking_lot" => wait_for(hold_parking_lot, || drop(PARKING_LOT.lock())).await,
        "condvar" => wait_for(notify, await_notified).await,
        "blocking" => (0..4).for_each(|_| drop(task::spawn(blocking()))),
        "in_place" => (0..4).for_each(|_| drop(task::spawn(in_place()))),
        other => panic!("no such work: {other}"),
    }
}

async fn every(period_ms: u64, work: fn()) {
    let mut ticks = tokio::time::interval(Duration::from_millis(period_ms));
    while working() {
        ticks.tick().await;
        work();
    }
}

fn spin(ms: u64) {
    let start = Instant::now();
    while start.elapsed() < Duration::from_millis(ms) {}
}

fn sleep(ms: u64) {
    std::thread::sleep(Duration::from_millis(ms));
}

fn waits(wait: fn()) {
    let start = account::now_ns();
    wait();
    WAITED_NS.fetch_add(account::now_ns() - start, SeqCst);
}

/// `hold` runs in a thread of its own, and tells when what `wait` waits for is held.
async fn wait_for(hold: fn(oneshot::Sender<()>), wait: fn()) {
    while working() {
        let (tell, told) = oneshot::channel();
        std::thread::spawn(move || hold(tell));
        told.await.unwrap();
        waits(wait);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

fn hold_mutex(tell: oneshot::Sender<()>) {
    let _held = MUTEX.lock().unwrap();
    tell.send(()).unwrap();
    std::thread::sleep(HELD);
}

fn hold_parking_lot(tell: oneshot::Sender<()>) {
    let _held = PARKING_LOT.lock();
    tell.send(()).unwrap();
    std::thread::sleep(HELD);
}

fn notify(tell: oneshot::Sender<()>) {
    tell.send(()).unwrap();
    std::thread::sleep(HELD);
    *NOTIFIED.lock().unwrap() = true;
    CONDVAR.notify_one();
}

fn await_notified() {
    let mut notified = CONDVAR
        .wait_while(NOTIFIED.lock().unwrap(), |yes| !*yes)
        .unwrap();
    *notified = false;
}

async fn blocking() {
    while working() {
        let done = task::spawn_blocking(|| {
            let tid = account::tid();
            let mut tids = BLOCKING.lock().unwrap();
            if !tids.contains(&tid) {
                tids.push(tid);
            }
            drop(tids);
            sleep(2);
            spin(1);
        });
        done.await.unwrap();
    }
}

async fn in_place() {
    while working() {
        task::block_in_place(|| sleep(20));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn serve(mut stream: TcpStream) {
    let mut buffer = [0; 64];
    while let Ok(size @ 1..) = stream.read(&mut buffer).await {
        stream.write_all(&buffer[..size]).await.unwrap();
    }
}

async fn ask(port: u16) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let mut buffer = [0; 64];
    for round in 0.. {
        if !working() {
            return;
        }
        stream.write_all(&buffer).await.unwrap();
        stream.read_exact(&mut buffer).await.unwrap();
        if round % 20 == 0 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
}

async fn echo() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    (0..CLIENTS).for_each(|_| drop(task::spawn(ask(port))));
    for _ in 0..CLIENTS {
        let (stream, _) = listener.accept().await.unwrap();
        task::spawn(serve(stream));
    }
}
