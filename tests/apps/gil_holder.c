/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* An extension of Python that works for as many milliseconds as it is told, and keeps the GIL. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <time.h>

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static PyObject *hold(PyObject *module, PyObject *argument)
{
	double end_ms = now_ms() + PyFloat_AsDouble(argument);

	(void)module;
	if (PyErr_Occurred())
		return NULL;
	while (now_ms() < end_ms)
		;
	Py_RETURN_NONE;
}

static PyMethodDef methods[] = {{"hold", hold, METH_O, "hold(ms)"}, {NULL, NULL, 0, NULL}};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, .m_name = "gil_holder", .m_size = -1,
				    .m_methods = methods};

PyMODINIT_FUNC PyInit_gil_holder(void)
{
	return PyModule_Create(&module);
}
