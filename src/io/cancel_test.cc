#include "io/cancel.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace yata::io {
namespace {

struct Recorder final : Waiter {
  std::vector<CancelReason> seen;
  void on_cancel(CancelReason reason) override { seen.push_back(reason); }
};

TEST(Cancel, ReachesEveryWaiterOfTheTreeOnceAndKeepsTheFirstReason) {
  CancelState root;
  CancelState child(&root);
  CancelState grandchild(&child);
  Recorder at_root, at_child, at_grandchild;
  root.add(at_root);
  child.add(at_child);
  grandchild.add(at_grandchild);

  root.cancel(CancelReason::ClientGone);
  root.cancel(CancelReason::Draining);

  const std::vector<CancelReason> once = {CancelReason::ClientGone};
  EXPECT_EQ(at_root.seen, once);
  EXPECT_EQ(at_child.seen, once);
  EXPECT_EQ(at_grandchild.seen, once);
  EXPECT_EQ(grandchild.reason(), CancelReason::ClientGone);
  EXPECT_FALSE(at_root.waiting());
}

TEST(Cancel, OfAChildLeavesItsParentAlone) {
  CancelState root;
  CancelState child(&root);
  Recorder at_root;
  root.add(at_root);
  child.cancel(CancelReason::Deadline);
  EXPECT_FALSE(root.cancelled());
  EXPECT_TRUE(at_root.waiting());
  root.cancel(CancelReason::Requested);
  EXPECT_EQ(child.reason(), CancelReason::Deadline);
}

TEST(Cancel, AChildOfACancelledStateIsCancelledFromTheStart) {
  CancelState root;
  root.cancel(CancelReason::Draining);
  const CancelState child(&root);
  EXPECT_EQ(child.reason(), CancelReason::Draining);
}

TEST(Cancel, AWaiterThatLeftHearsNothing) {
  CancelState root;
  Recorder gone;
  root.add(gone);
  gone.leave();
  root.cancel(CancelReason::Requested);
  EXPECT_TRUE(gone.seen.empty());
}

TEST(Cancel, AWaiterMayTakeOthersOutWhileItIsTold) {
  struct Taker final : Waiter {
    std::vector<Waiter*> others;
    void on_cancel(CancelReason) override {
      for (Waiter* other : others) other->leave();
    }
  };
  CancelState root;
  Taker first;
  Recorder second, third;
  root.add(first);
  root.add(second);
  root.add(third);
  first.others = {&second, &third};
  root.cancel(CancelReason::Requested);
  EXPECT_TRUE(second.seen.empty());
  EXPECT_TRUE(third.seen.empty());
}

TEST(Cancel, StatesMayDieInAnyOrderChildFirst) {
  CancelState root;
  auto child = std::make_unique<CancelState>(&root);
  auto sibling = std::make_unique<CancelState>(&root);
  child.reset();
  root.cancel(CancelReason::Requested);
  EXPECT_TRUE(sibling->cancelled());
}

TEST(CancelledError, NamesTheReason) {
  const struct {
    CancelReason reason;
    ErrorKind kind;
    const char* detail;
  } cases[] = {
      {CancelReason::Requested, ErrorKind::Cancelled, "no longer wanted"},
      {CancelReason::Deadline, ErrorKind::Timeout, "deadline passed"},
      {CancelReason::ClientGone, ErrorKind::Cancelled, "client left"},
      {CancelReason::Draining, ErrorKind::Cancelled, "draining"},
  };
  for (const auto& c : cases) {
    const Error error = cancelled_error(c.reason, ErrorSource::Origin);
    EXPECT_EQ(error.kind, c.kind) << c.detail;
    EXPECT_EQ(error.source, ErrorSource::Origin);
    EXPECT_EQ(error.detail, c.detail);
  }
}

TEST(Link, LeavesByItselfFromAnyPlace) {
  struct Tag;
  Link<Tag> list;
  {
    Link<Tag> a, b, c;
    for (Link<Tag>* link : {&a, &b, &c}) link->insert_before(list);
    b.unlink();
    EXPECT_EQ(list.next, &a);
    EXPECT_EQ(a.next, &c);
    EXPECT_EQ(list.prev, &c);
    a.insert_before(list);  // moves to the end
    EXPECT_EQ(list.next, &c);
  }
  EXPECT_FALSE(list.linked());
}

}  // namespace
}  // namespace yata::io
