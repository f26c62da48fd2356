// SPDX-License-Identifier: GPL-3.0-or-later
//
// Code behind FAISS's official C headers, for systems (Debian 12) that ship
// the headers without it: only the functions that lib/vectors.c calls, with
// the official signatures and return codes. Left out of the build where
// -lfaiss_c links (FAISS_C_OWN=0). The only file that knows FAISS's C++.
#include <exception>
#include <memory>
#include <new>
#include <string>

#include <faiss/IndexFlat.h>
#include <faiss/IndexIDMap.h>
#include <faiss/impl/FaissException.h>
#include <faiss/impl/IDSelector.h>
#include <faiss/impl/io.h>
#include <faiss/index_factory.h>
#include <faiss/index_io.h>
#include <faiss/utils/distances.h>

#include <faiss/c_api/IndexFlat_c.h>
#include <faiss/c_api/Index_c.h>
#include <faiss/c_api/MetaIndexes_c.h>
#include <faiss/c_api/error_c.h>
#include <faiss/c_api/impl/AuxIndexStructures_c.h>
#include <faiss/c_api/index_factory_c.h>
#include <faiss/c_api/index_io_c.h>
#include <faiss/c_api/utils/distances_c.h>

namespace {

// As in the official library, the last failure belongs to the thread.
thread_local std::exception_ptr last_exception;

// Called inside a handler. Keeping the exception object itself needs no memory,
// which std::bad_alloc would not find.
int handle_exception() noexcept
{
    last_exception = std::current_exception();
    try {
        throw;
    } catch (const faiss::FaissException &) {
        return FAISS_EXCEPT;
    } catch (const std::exception &) {
        return STD_EXCEPT;
    } catch (...) {
        return UNKNOWN_EXCEPT;
    }
}

template <class Body> int guarded(Body body) noexcept
{
    try {
        body();
        return OK;
    } catch (...) {
        return handle_exception();
    }
}

faiss::Index *cxx(FaissIndex *index)
{
    return reinterpret_cast<faiss::Index *>(index);
}

const faiss::Index *cxx(const FaissIndex *index)
{
    return reinterpret_cast<const faiss::Index *>(index);
}

} // namespace

extern "C" {

const char *faiss_get_last_error()
{
    if (!last_exception)
        return nullptr;
    try {
        std::rethrow_exception(last_exception);
    } catch (const std::exception &e) {
        return e.what(); // lives as long as last_exception
    } catch (...) {
        return "unknown exception";
    }
}

int faiss_index_factory(FaissIndex **p_index, int d, const char *description,
                        FaissMetricType metric)
{
    return guarded([&] {
        *p_index = reinterpret_cast<FaissIndex *>(
            faiss::index_factory(d, description, static_cast<faiss::MetricType>(metric)));
    });
}

void faiss_Index_free(FaissIndex *obj)
{
    delete cxx(obj);
}

int faiss_Index_d(const FaissIndex *index)
{
    return cxx(index)->d;
}

idx_t faiss_Index_ntotal(const FaissIndex *index)
{
    return cxx(index)->ntotal;
}

FaissMetricType faiss_Index_metric_type(const FaissIndex *index)
{
    return static_cast<FaissMetricType>(cxx(index)->metric_type);
}

int faiss_Index_add_with_ids(FaissIndex *index, idx_t n, const float *x,
                             const idx_t *xids)
{
    return guarded([&] { cxx(index)->add_with_ids(n, x, xids); });
}

int faiss_Index_search(const FaissIndex *index, idx_t n, const float *x, idx_t k,
                       float *distances, idx_t *labels)
{
    return guarded([&] { cxx(index)->search(n, x, k, distances, labels); });
}

int faiss_Index_remove_ids(FaissIndex *index, const FaissIDSelector *sel,
                           size_t *n_removed)
{
    return guarded([&] {
        auto *selector = reinterpret_cast<const faiss::IDSelector *>(sel);
        size_t n = cxx(index)->remove_ids(*selector);
        if (n_removed)
            *n_removed = n;
    });
}

int faiss_IDSelectorBatch_new(FaissIDSelectorBatch **p_sel, size_t n,
                              const idx_t *indices)
{
    return guarded([&] {
        faiss::IDSelector *sel = new faiss::IDSelectorBatch(n, indices);
        *p_sel = reinterpret_cast<FaissIDSelectorBatch *>(sel);
    });
}

void faiss_IDSelector_free(FaissIDSelector *obj)
{
    delete reinterpret_cast<faiss::IDSelector *>(obj);
}

FaissIndexIDMap *faiss_IndexIDMap_cast(FaissIndex *index)
{
    faiss::Index *map = dynamic_cast<faiss::IndexIDMap *>(cxx(index));
    return reinterpret_cast<FaissIndexIDMap *>(map);
}

// A FaissIndexIDMap is by its declaration a FaissIndex: what is behind the
// pointer is a faiss::Index.
void faiss_IndexIDMap_id_map(FaissIndexIDMap *index, idx_t **p_id_map,
                             size_t *p_size)
{
    auto *map = static_cast<faiss::IndexIDMap *>(cxx(index));
    *p_id_map = map->id_map.data();
    *p_size = map->id_map.size();
}

FaissIndex *faiss_IndexIDMap_sub_index(FaissIndexIDMap *index)
{
    auto *map = static_cast<faiss::IndexIDMap *>(cxx(index));
    return reinterpret_cast<FaissIndex *>(map->index);
}

FaissIndexFlat *faiss_IndexFlat_cast(FaissIndex *index)
{
    faiss::Index *flat = dynamic_cast<faiss::IndexFlat *>(cxx(index));
    return reinterpret_cast<FaissIndexFlat *>(flat);
}

void faiss_IndexFlat_xb(FaissIndexFlat *index, float **p_xb, size_t *p_size)
{
    auto *flat = static_cast<faiss::IndexFlat *>(cxx(index));
    *p_xb = flat->get_xb();
    *p_size = flat->codes.size() / sizeof(float);
}

void faiss_set_distance_compute_blas_threshold(int value)
{
    faiss::distance_compute_blas_threshold = value;
}

int faiss_write_index(const FaissIndex *idx, FILE *f)
{
    return guarded([&] { faiss::write_index(cxx(idx), f); });
}

int faiss_read_index(FILE *f, int io_flags, FaissIndex **p_out)
{
    return guarded([&] {
        *p_out = reinterpret_cast<FaissIndex *>(faiss::read_index(f, io_flags));
    });
}

} // extern "C"
