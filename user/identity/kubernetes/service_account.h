/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Where Kubernetes puts the credentials of a pod, in each container of it that may have them. */
#ifndef LOOPSCOPE_SERVICE_ACCOUNT_H
#define LOOPSCOPE_SERVICE_ACCOUNT_H

#define SERVICE_ACCOUNT_DIRECTORY "/var/run/secrets/kubernetes.io/serviceaccount"
#define SERVICE_ACCOUNT_TOKEN "token"

#endif
