// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// A trait's method, a closure, an iterator of the standard library between.
use std::io::Write;

mod shop {
    use std::sync::atomic::{AtomicU64, Ordering};

    static TURNS: AtomicU64 = AtomicU64::new(0);

    pub trait Work {
        fn work(&self, n: u64) -> u64;
    }

    pub struct Order;

    impl Work for Order {
        #[inline(never)]
        fn work(&self, n: u64) -> u64 {
            loop {
                TURNS.fetch_add(n, Ordering::Relaxed);
            }
        }
    }

    #[inline(never)]
    pub fn serve(n: u64) -> u64 {
        (0..n).map(|i| Order.work(i) + 1).sum::<u64>() + 1 // in serve
    }
}

fn main() {
    std::io::stdout().write_all(b"b").unwrap();
    std::io::stdout().flush().unwrap();
    println!("{}", shop::serve(3)); // in main
}
