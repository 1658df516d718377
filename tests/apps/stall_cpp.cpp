// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// An epoll loop in C++ that is held up in functions to be named, built with -O2. Lines that a
// stall may be told to be at have, or lie between, comments `culprit: NAME`. Takes
// `stall NAME MS` on stdin, answers `stalled {begun, ended}`, CLOCK_MONOTONIC in nanoseconds;
// says `ready {}` first.
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace
{

std::int64_t now_ns()
{
	timespec now{};

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

} // namespace

namespace shop
{

/* Inlined into whoever calls it; nothing else that the stall does takes time. */
template <typename Number>
__attribute__((always_inline)) inline Number mix(const std::vector<Number> &values, Number seed)
{
	for (const Number value : values)                              /* culprit: spin */
		seed = (seed ^ value) * 1099511628211U + (seed >> 7U); /* culprit: spin */
	return seed;
}

class cart
{
      public:
	__attribute__((noinline)) std::uint64_t checksum(std::int64_t end_ns)
	{
		std::uint64_t sum = 1;

		while (now_ns() < end_ns)
			sum = mix(prices, sum);
		return sum;
	}

      private:
	std::vector<std::uint64_t> prices = std::vector<std::uint64_t>(1 << 20, 3);
};

__attribute__((noinline)) void flush(int ms)
{
	timespec time{ms / 1000, ms % 1000 * 1000000L};

	nanosleep(&time, nullptr); /* culprit: sleep */
	asm volatile("");          // no tail call: flush() is to be on the stack
}

class stock
{
      public:
	/* Another thread has the lock for so long. */
	__attribute__((noinline)) int take(int ms)
	{
		std::thread thread([this, ms] { hold(ms); });

		while (!held)
			std::this_thread::yield();
		mutex.lock(); /* culprit: lock */
		--left;
		mutex.unlock();
		thread.join();
		held = false;
		return left;
	}

      private:
	void hold(int ms)
	{
		prctl(PR_SET_NAME, "lock-holder");
		std::lock_guard<std::mutex> guard(mutex);
		held = true;
		std::this_thread::sleep_for(std::chrono::milliseconds(ms));
	}

	std::mutex mutex;
	volatile bool held = false;
	int left = 1000000;
};

} // namespace shop

namespace
{

/* For the compiler: it is used. */
void keep(std::uint64_t value)
{
	asm volatile("" : : "r"(value));
}

void obey(const std::string &name, int ms)
{
	static shop::cart cart;
	static shop::stock stock;
	const std::int64_t begun = now_ns();

	if (name == "spin")
		keep(cart.checksum(begun + ms * INT64_C(1000000)));
	else if (name == "sleep")
		shop::flush(ms);
	else if (name == "lock")
		stock.take(ms);
	std::printf("stalled {\"begun\": %lld, \"ended\": %lld}\n", static_cast<long long>(begun),
		    static_cast<long long>(now_ns()));
	std::fflush(stdout);
}

/* False: stdin has ended. */
bool read_command()
{
	char line[128], name[32];
	int ms = 0;
	const ssize_t size = read(0, line, sizeof(line) - 1);

	if (size <= 0)
		return false;
	line[size] = 0;
	if (std::sscanf(line, "stall %31s %d", name, &ms) == 2)
		obey(name, ms);
	return true;
}

} // namespace

int main()
{
	const int epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	epoll_event event{};

	event.events = EPOLLIN;
	if (epoll_fd < 0 || epoll_ctl(epoll_fd, EPOLL_CTL_ADD, 0, &event)) {
		std::perror("epoll");
		return 1;
	}
	std::puts("ready {}");
	std::fflush(stdout);
	while (epoll_wait(epoll_fd, &event, 1, -1) == 1 && read_command())
		;
	return 0;
}
