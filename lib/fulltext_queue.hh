// SPDX-License-Identifier: GPL-3.0-or-later
// What is put and deleted waits here for a thread of the writer's own, so that Xapian works
// beside whoever reads, embeds and writes rows. Included by fulltext_xapian.cc alone.
//
// One thread puts, one takes, in the same order: the index is the same as without. What
// waits is a copy, and bounded. The thread is started with the first entry.
#ifndef GRF_FULLTEXT_QUEUE_HH
#define GRF_FULLTEXT_QUEUE_HH

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "grf_fulltext.h"

namespace {

constexpr size_t waiting_most = 1 << 20; // bytes of texts

// A passage to be put, or the id of one to be deleted.
struct ft_entry {
    int64_t id;
    bool is_put = false;
    std::string subject, header, text;
    std::vector<std::pair<grf_filter, std::string>> terms;
    int64_t date_key = 0, act = 0;

    explicit ft_entry(int64_t leaving) : id(leaving) {}

    explicit ft_entry(const struct grf_ft_doc *d)
        : id(d->id), is_put(true), subject(d->subject.p, d->subject.n),
          header(d->header.p, d->header.n), text(d->text.p, d->text.n), date_key(d->date_key),
          act(d->act)
    {
        for (size_t i = 0; i < d->n_terms; i++)
            terms.emplace_back(d->terms[i].name,
                               std::string(d->terms[i].value.p, d->terms[i].value.n));
    }

    size_t bytes() const { return sizeof(*this) + subject.size() + header.size() + text.size(); }

    // Calls with(struct grf_ft_doc *), whose parts are the entry's own.
    template <class With> void as_doc(With with) const
    {
        std::vector<struct grf_filter_term> filters;
        for (const auto &t : terms)
            filters.push_back({t.first, view(t.second)});
        struct grf_ft_doc d = {id, view(subject), view(header), view(text), filters.data(),
                               filters.size(), date_key, act};
        with(&d);
    }

private:
    static struct grf_sv view(const std::string &s) { return grf_sv(s.data(), s.size()); }
};

class ft_queue {
public:
    // run does not throw; after the first entry that it fails on the others are dropped.
    explicit ft_queue(std::function<bool(const ft_entry &)> to_run) : run(std::move(to_run)) {}
    ft_queue(const ft_queue &) = delete;
    ft_queue &operator=(const ft_queue &) = delete;

    ~ft_queue() { stop(); }

    // Drops what waits.
    void stop()
    {
        {
            std::lock_guard<std::mutex> held(lock);
            stopping = true;
            changed.notify_all();
        }
        if (thread.joinable())
            thread.join();
    }

    void push(ft_entry &&e)
    {
        std::unique_lock<std::mutex> held(lock);
        if (!thread.joinable() && !start()) { // then nothing is done beside
            failed = failed || !run(e);
            return;
        }
        changed.wait(held, [&] { return bytes < waiting_most || failed; });
        if (failed)
            return;
        bytes += e.bytes();
        entries.push_back(std::move(e));
        changed.notify_all();
    }

    // Waits until all is done, or something has failed.
    void drain()
    {
        std::unique_lock<std::mutex> held(lock);
        changed.wait(held, [&] { return !busy && (entries.empty() || failed); });
    }

    bool has_failed()
    {
        std::lock_guard<std::mutex> held(lock);
        return failed;
    }

private:
    std::function<bool(const ft_entry &)> run;
    std::mutex lock;
    std::condition_variable changed;
    std::deque<ft_entry> entries;
    size_t bytes = 0;
    bool busy = false, failed = false, stopping = false;
    std::thread thread;

    bool start()
    {
        try {
            thread = std::thread([this] { work(); });
            return true;
        } catch (const std::system_error &) {
            return false;
        }
    }

    void work()
    {
        std::unique_lock<std::mutex> held(lock);
        for (;;) {
            changed.wait(held, [&] { return stopping || (!entries.empty() && !failed); });
            if (stopping)
                return;
            ft_entry e = std::move(entries.front());
            entries.pop_front();
            busy = true;
            held.unlock();
            bool done = run(e);
            held.lock();
            busy = false;
            failed = failed || !done;
            bytes -= e.bytes();
            changed.notify_all();
        }
    }
};

} // namespace

#endif
