// What a connection needs while it has a request in hand, and not while it is idle: the head's
// bytes, the parser's field storage, the text of the answer's head. Kept per thread between
// requests, warm and few, so that an idle connection costs little and a busy one allocates nothing.
#pragma once

#include <memory>
#include <string>

#include "http/h1/parser.h"

namespace yata::http::h1 {

struct Workspace {
  explicit Workspace(const HeadLimits& of) : limits(of), parser(of) {}

  HeadLimits limits;
  RequestParser parser;
  std::string head;   // as received, perhaps with bytes behind it
  std::string reply;  // the head of the answer
};

// To the thread's shelf, when it is given up.
struct ReturnWorkspace {
  void operator()(Workspace* workspace) const;
};
using WorkspaceLease = std::unique_ptr<Workspace, ReturnWorkspace>;

WorkspaceLease lease_workspace(const HeadLimits& limits);

}  // namespace yata::http::h1
