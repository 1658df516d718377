/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Packets are whole or they are not: there is nothing to be put together. */
#include "symbols/protocol.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

static bool split(const void *data, size_t size, struct message *ret_message)
{
	if (size < sizeof(ret_message->head))
		return false;
	memcpy(&ret_message->head, data, sizeof(ret_message->head));
	ret_message->body = (const unsigned char *)data + sizeof(ret_message->head);
	ret_message->size = size - sizeof(ret_message->head);
	return true;
}

static bool process_valid(const struct message *message)
{
	struct process_request request;

	if (message->size != sizeof(request))
		return false;
	memcpy(&request, message->body, sizeof(request));
	return request.pid > 0 && !request.reserved;
}

bool message_read_request(const void *data, size_t size, struct message *ret_message)
{
	struct message message;

	if (!split(data, size, &message))
		return false;
	switch (message.head.kind) {
	case MESSAGE_STACK:
		if (!stack_record_valid(message.body, message.size))
			return false;
		break;
	case MESSAGE_PROCESS:
		if (!process_valid(&message))
			return false;
		break;
	default:
		return false;
	}
	*ret_message = message;
	return true;
}

bool message_read_answer(const void *data, size_t size, struct message *ret_message)
{
	struct message message;

	if (!split(data, size, &message))
		return false;
	switch (message.head.kind) {
	case MESSAGE_STACK:
		break;
	case MESSAGE_PROCESS:
		if (message.size != sizeof(struct python_runtime))
			return false;
		break;
	case MESSAGE_LOOKS_AT:
		if (message.size)
			return false;
		break;
	case MESSAGE_HELLO:
		if (!message.size || message.size > SYMBOLS_VERSION_LEN ||
		    strnlen(message.body, message.size) != message.size - 1)
			return false;
		break;
	default:
		return false;
	}
	*ret_message = message;
	return true;
}

int message_send(int fd, const struct message_head *head, const void *body, size_t size, int flags)
{
	struct iovec pieces[] = {
		{(void *)head, sizeof(*head)},
		{(void *)body, size},
	};
	struct msghdr message = {.msg_iov = pieces, .msg_iovlen = 2};
	ssize_t n;

	do {
		n = sendmsg(fd, &message, flags | MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

ssize_t message_receive(int fd, void *buffer, size_t size, int flags)
{
	ssize_t n;

	/* the size of the packet, even if that did not fit: such a one is no message */
	do {
		n = recv(fd, buffer, size, flags | MSG_TRUNC);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return (size_t)n > size ? -EMSGSIZE : n;
}
