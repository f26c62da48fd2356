// SPDX-License-Identifier: GPL-3.0-or-later
//
// The border between C and C++: no exception crosses it. Every extern "C"
// function of a wrapper is noexcept and its body is one grf_guard.
//
// Private to the wrappers in lib/. A wrapper gives, as a function or a
// function object, the translation of its library's own exceptions: it
// rethrows the current one, catches what it knows and lets the rest through.
#ifndef GRF_CXX_GUARD_HH
#define GRF_CXX_GUARD_HH

#include <exception>
#include <new>

#include "grf_err.h"
#include "grf_i18n.h"

// Runs body(), which returns a grf_status and has filled err if that is not
// GRF_OK. translate(err) is called inside a handler.
template <class Translate, class Body>
grf_status grf_guard(struct grf_err *err, Translate translate, Body body) noexcept
{
    try {
        try {
            return body();
        } catch (const std::bad_alloc &) {
            return grf_fail_nomem(err);
        } catch (...) {
            return translate(err);
        }
    } catch (const std::bad_alloc &) {
        return grf_fail_nomem(err);
    } catch (const std::exception &e) {
        return grf_fail(err, GRF_INTERNAL, _("unexpected failure: %s"), e.what());
    } catch (...) {
        return grf_fail(err, GRF_INTERNAL, _("unexpected failure of an unknown kind"));
    }
}

#endif
