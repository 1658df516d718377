// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// An epoll loop in Rust that is held up in functions to be named, built with -O2. Lines that a
// stall may be told to be at have, or lie between, comments `culprit: NAME`. Takes
// `stall NAME MS` on stdin, answers `stalled {begun, ended}`, CLOCK_MONOTONIC in nanoseconds;
// says `ready {}` first.
use std::hint::black_box;
use std::io::Write;
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

#[repr(C)]
#[cfg_attr(target_arch = "x86_64", repr(packed))]
struct EpollEvent {
    events: u32,
    data: u64,
}

#[repr(C)]
struct Timespec {
    seconds: i64,
    nanoseconds: i64,
}

extern "C" {
    fn epoll_create1(flags: i32) -> i32;
    fn epoll_ctl(epoll: i32, operation: i32, fd: i32, event: *mut EpollEvent) -> i32;
    fn epoll_wait(epoll: i32, events: *mut EpollEvent, max: i32, timeout: i32) -> i32;
    fn read(fd: i32, buffer: *mut u8, size: usize) -> isize;
    fn clock_gettime(clock: i32, now: *mut Timespec) -> i32;
}

fn now_ns() -> i64 {
    let mut now = Timespec {
        seconds: 0,
        nanoseconds: 0,
    };

    unsafe { clock_gettime(1, &mut now) };
    now.seconds * 1_000_000_000 + now.nanoseconds
}

mod shop {
    use super::*;

    /// Inlined into whoever calls it; nothing else that the stall does takes time.
    #[inline(always)]
    fn mix(values: &[u64], mut seed: u64) -> u64 {
        let mut i = 0;
        // culprit: spin
        while i < values.len() {
            seed = (seed ^ values[i]).wrapping_mul(1099511628211) + (seed >> 40);
            i += 1;
        }
        // culprit: spin
        seed
    }

    pub struct Cart {
        pub prices: Vec<u64>,
    }

    impl Cart {
        #[inline(never)]
        pub fn checksum(&self, end_ns: i64) -> u64 {
            let mut sum = 1;
            while now_ns() < end_ns {
                sum = black_box(mix(&self.prices, sum));
            }
            sum
        }
    }

    #[inline(never)]
    pub fn flush(ms: u64) {
        thread::sleep(Duration::from_millis(ms)); // culprit: sleep
        black_box(ms); // no tail call: flush() is to be on the stack
    }

    /// Another thread has the lock for so long.
    #[inline(never)]
    pub fn take(left: &Arc<Mutex<u64>>, ms: u64) -> u64 {
        let shared = Arc::clone(left);
        let (tell, told) = mpsc::channel();
        let holder = thread::Builder::new()
            .name("lock-holder".into())
            .spawn(move || {
                let _guard = shared.lock().unwrap();
                tell.send(()).unwrap();
                thread::sleep(Duration::from_millis(ms));
            });
        told.recv().unwrap();
        let taken = {
            let mut guard = left.lock().unwrap(); // culprit: lock
            *guard += 1;
            *guard
        };
        holder.unwrap().join().unwrap();
        taken
    }
}

fn obey(cart: &shop::Cart, left: &Arc<Mutex<u64>>, line: &str) {
    let words: Vec<&str> = line.split_whitespace().collect();
    let ms: u64 = words[2].parse().unwrap();
    let begun = now_ns();

    match words[1] {
        "spin" => {
            black_box(cart.checksum(begun + ms as i64 * 1_000_000));
        }
        "sleep" => shop::flush(ms),
        "lock" => {
            black_box(shop::take(left, ms));
        }
        other => panic!("no such work: {other}"),
    }
    println!("stalled {{\"begun\": {}, \"ended\": {}}}", begun, now_ns());
    std::io::stdout().flush().unwrap();
}

fn main() {
    let cart = shop::Cart {
        prices: vec![3; 1 << 20],
    };
    let left = Arc::new(Mutex::new(0));
    let mut event = EpollEvent { events: 1, data: 0 };
    let mut line = [0u8; 128];

    let epoll = unsafe { epoll_create1(0o2000000) };
    assert_eq!(unsafe { epoll_ctl(epoll, 1, 0, &mut event) }, 0);
    println!("ready {{}}");
    while unsafe { epoll_wait(epoll, &mut event, 1, -1) } == 1 {
        let size = unsafe { read(0, line.as_mut_ptr(), line.len()) };
        if size <= 0 {
            break;
        }
        obey(
            &cart,
            &left,
            std::str::from_utf8(&line[..size as usize]).unwrap(),
        );
    }
}
