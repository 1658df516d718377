/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Symbols as a node has them, with the numbers of Node 20: whoever includes it becomes one. */
#ifndef LOOPSCOPE_V8_SYMBOLS_H
#define LOOPSCOPE_V8_SYMBOLS_H

#include <stdint.h>

#define CONSTANTS(X)                                                        \
	X(off_fp_context_or_frame_type, -8)                                 \
	X(off_fp_function, -16)                                             \
	X(frametype_IrregexpFrame, 27)                                      \
	X(class_HeapObject__map__Map, 0)                                    \
	X(class_Map__instance_type__uint16_t, 12)                           \
	X(class_JSFunction__shared__SharedFunctionInfo, 24)                 \
	X(class_SharedFunctionInfo__name_or_scope_info__Tagged_Object_, 16) \
	X(class_SharedFunctionInfo__raw_script__Tagged_Object_, 32)         \
	X(class_Script__source__Object, 8)                                  \
	X(class_Script__name__Object, 16)                                   \
	X(class_Script__line_ends__Object, 56)                              \
	X(class_String__length__int32_t, 12)                                \
	X(class_SeqOneByteString__chars__char, 16)                          \
	X(class_SeqTwoByteString__chars__char, 16)                          \
	X(class_ConsString__first__String, 16)                              \
	X(class_ConsString__second__String, 24)                             \
	X(class_SlicedString__parent__String, 16)                           \
	X(class_SlicedString__offset__SMI, 24)                              \
	X(class_ThinString__actual__String, 16)                             \
	X(class_ExternalString__resource__Object, 16)                       \
	X(class_FixedArrayBase__length__SMI, 8)                             \
	X(class_FixedArray__data__uintptr_t, 16)                            \
	X(scopeinfo_idx_ncontextlocals, 2)                                  \
	X(scopeinfo_idx_first_vars, 3)                                      \
	X(type_Map__MAP_TYPE, 255)                                          \
	X(type_JSFunction__JS_FUNCTION_TYPE, 2066)                          \
	X(type_SharedFunctionInfo__SHARED_FUNCTION_INFO_TYPE, 262)          \
	X(type_Script__SCRIPT_TYPE, 167)                                    \
	X(type_ScopeInfo__SCOPE_INFO_TYPE, 261)                             \
	X(type_FixedArray__FIXED_ARRAY_TYPE, 175)                           \
	X(FirstContextType, 205)                                            \
	X(LastContextType, 214)                                             \
	X(FirstNonstringType, 128)                                          \
	X(StringRepresentationMask, 7)                                      \
	X(StringEncodingMask, 8)                                            \
	X(OneByteStringTag, 8)                                              \
	X(SeqStringTag, 0)                                                  \
	X(ConsStringTag, 1)                                                 \
	X(ExternalStringTag, 2)                                             \
	X(SlicedStringTag, 3)                                               \
	X(ThinStringTag, 5)                                                 \
	X(TaggedSize, 8)                                                    \
	X(SystemPointerSize, 8)                                             \
	X(SmiShiftSize, 31)                                                 \
	X(SmiValueShift, 1)                                                 \
	X(HeapObjectTag, 1)                                                 \
	X(HeapObjectTagMask, 3)                                             \
	X(SmiTag, 0)                                                        \
	X(SmiTagMask, 1)

#define DEFINE(name, value) int32_t v8dbg_##name __attribute__((used)) = (value);
CONSTANTS(DEFINE)

/* Another one of that name's beginning, and one of another size. */
int32_t v8dbg_type_ScriptOrModule__SCRIPT_OR_MODULE_TYPE __attribute__((used)) = 99;
int64_t v8dbg_frametype_WasmFrame __attribute__((used)) = 5;

#endif
