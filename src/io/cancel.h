// Cancellation: how a wait learns that its result is no longer wanted.
//
// Every coroutine carries a pointer to a CancelState, inherited from the coroutine that awaits it
// (task.h). A leaf wait (a socket, a timer, a WaitList) enters itself as a Waiter while it is
// suspended. cancel() reaches all of them and all states below; each then resumes with an Error,
// soon, on its loop. Single-threaded: a CancelState and all its waiters live on one loop.
#pragma once

#include <cstdint>

#include "base/check.h"
#include "base/error.h"

namespace yata::io {

enum class CancelReason : std::uint8_t {
  None,
  Requested,   // the owner's scope ends
  Deadline,    // time ran out
  ClientGone,  // nobody is left to read the answer
  Draining,    // the process ends
};

// Cancelled or Timeout (for Deadline), with `source` as given and a detail that names the reason.
Error cancelled_error(CancelReason reason, ErrorSource source);
// Whether it was one of these because the process ends.
bool is_draining(const Error& error);

// An intrusive, doubly linked list that its elements can leave by themselves.
template <typename Tag>
struct Link {
  Link* prev = this;
  Link* next = this;

  Link() = default;
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;
  ~Link() { unlink(); }

  bool linked() const { return next != this; }
  void unlink() {
    prev->next = next;
    next->prev = prev;
    prev = next = this;
  }
  void insert_before(Link& position) {
    unlink();
    prev = position.prev;
    next = &position;
    prev->next = this;
    position.prev = this;
  }
};

struct CancelLink : Link<struct CancelTag> {};

// What can be cancelled. on_cancel() is called once, with the waiter already unlinked; it must make
// the wait end soon. It must not resume a coroutine inline: it asks the loop to.
class Waiter : private CancelLink {
 public:
  virtual void on_cancel(CancelReason reason) = 0;
  bool waiting() const { return linked(); }
  void leave() { unlink(); }

 protected:
  ~Waiter() = default;

 private:
  friend class CancelState;
};

// A node of the tree of cancellations. A child is a waiter of its parent.
class CancelState final : private Waiter {
 public:
  CancelState() = default;
  explicit CancelState(CancelState* parent) {
    if (parent != nullptr) attach(*parent);
  }
  ~CancelState() { CHECK(!waiters_.linked()); }

  // Becomes a child; takes over a cancellation that already happened.
  void attach(CancelState& parent) {
    if (parent.cancelled()) {
      cancel(parent.reason());
    } else {
      parent.add(*this);
    }
  }

  // Is no child any more: for a state that outlives its parent.
  void detach() { leave(); }

  // Idempotent: the first reason stays.
  void cancel(CancelReason reason);

  bool cancelled() const { return reason_ != CancelReason::None; }
  CancelReason reason() const { return reason_; }

  // Precondition: !cancelled(). The caller checks first and fails at once if it is.
  void add(Waiter& waiter) {
    CHECK(!cancelled());
    waiter.insert_before(waiters_);
  }

 private:
  void on_cancel(CancelReason reason) override { cancel(reason); }

  CancelLink waiters_;
  CancelReason reason_ = CancelReason::None;
};

}  // namespace yata::io
