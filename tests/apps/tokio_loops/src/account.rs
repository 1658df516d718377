// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//! Each runtime thread's own account of its parks, from what tokio calls just before and after one.

use std::cell::RefCell;
use std::sync::{Arc, Mutex};

#[derive(Default)]
struct Account {
    tid: i32,
    first_ns: u64,
    mark_ns: u64, // when it parked; 0: it is not parked
    parked_ns: u64,
    parks: u64,
}

static ACCOUNTS: Mutex<Vec<Arc<Mutex<Account>>>> = Mutex::new(Vec::new());

thread_local! {
    static MINE: RefCell<Option<Arc<Mutex<Account>>>> = const { RefCell::new(None) };
}

/// CLOCK_MONOTONIC.
pub fn now_ns() -> u64 {
    let mut now = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &mut now) };
    now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
}

pub fn tid() -> i32 {
    unsafe { libc::gettid() }
}

fn with_mine(change: impl FnOnce(&mut Account)) {
    MINE.with(|mine| {
        let mut mine = mine.borrow_mut();
        let account = mine.get_or_insert_with(|| {
            let account = Account {
                tid: tid(),
                first_ns: now_ns(),
                ..Account::default()
            };
            let shared = Arc::new(Mutex::new(account));
            ACCOUNTS.lock().unwrap().push(shared.clone());
            shared
        });
        change(&mut account.lock().unwrap());
    });
}

pub fn parks() {
    with_mine(|account| account.mark_ns = now_ns());
}

pub fn unparked() {
    with_mine(|account| {
        if account.mark_ns != 0 {
            account.parked_ns += now_ns() - account.mark_ns;
            account.parks += 1;
        }
        account.mark_ns = 0;
    });
}

pub fn nr_parked() -> usize {
    let accounts = ACCOUNTS.lock().unwrap();
    let parked = accounts
        .iter()
        .filter(|account| account.lock().unwrap().mark_ns != 0);
    parked.count()
}

fn is_in_epoll(tid: i32) -> bool {
    let calls = [
        #[cfg(target_arch = "x86_64")]
        libc::SYS_epoll_wait,
        libc::SYS_epoll_pwait,
    ];
    let call =
        std::fs::read_to_string(format!("/proc/self/task/{tid}/syscall")).unwrap_or_default();
    calls
        .iter()
        .any(|number| call.starts_with(&format!("{number} ")))
}

pub fn threads_in_epoll() -> Vec<i32> {
    let accounts = ACCOUNTS.lock().unwrap();
    let tids = accounts.iter().map(|account| account.lock().unwrap().tid);
    tids.filter(|tid| is_in_epoll(*tid)).collect()
}

fn thread_json(account: &Account) -> String {
    let now = now_ns();
    let open = if account.mark_ns != 0 {
        now - account.mark_ns
    } else {
        0
    };
    let busy = now - account.first_ns - account.parked_ns - open;
    format!(
        "{{\"tid\": {}, \"parks\": {}, \"busy_ns\": {}}}",
        account.tid, account.parks, busy
    )
}

pub fn threads_json() -> String {
    let accounts = ACCOUNTS.lock().unwrap();
    let threads = accounts
        .iter()
        .map(|account| thread_json(&account.lock().unwrap()));
    format!("[{}]", threads.collect::<Vec<_>>().join(", "))
}
