/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The first process of a pod's sandbox: holds its namespaces, takes its orphans, and
 * ends when told to. Linked statically; it is all that its image holds.
 */
#include <signal.h>
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
	sigset_t wanted;
	int signal = 0;

	sigemptyset(&wanted);
	sigaddset(&wanted, SIGCHLD);
	sigaddset(&wanted, SIGTERM);
	sigaddset(&wanted, SIGINT);
	sigprocmask(SIG_BLOCK, &wanted, NULL);
	while (sigwait(&wanted, &signal) == 0 && signal == SIGCHLD) {
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
	}
	return 0;
}
