// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Namespaces, one of them without a name, templates, a lambda, the standard library between.
#include <algorithm>
#include <unistd.h>
#include <vector>

namespace app
{
namespace
{
volatile unsigned long turns;

template <class Number> __attribute__((noinline)) void burn(Number number)
{
	if (write(1, "b", 1) != 1)
		return;
	for (;;)
		turns = turns + static_cast<unsigned long>(number);
}

inline void prepare(int number)
{
	burn<long>(number); // in prepare
}

struct Handler {
	__attribute__((noinline)) int handle(int number)
	{
		std::vector<int> numbers{number, 2, 3};
		auto each = [](int one) { prepare(one); };

		std::for_each(numbers.begin(), numbers.end(), each); // in handle
		return numbers[0];
	}
};
} // namespace

__attribute__((noinline)) int serve(int number)
{
	Handler handler;

	return handler.handle(number) + 1; // in serve
}
} // namespace app

int main(int argc, char **)
{
	return app::serve(argc) + 1;
}
