// Router: the admin site's table of contents. One row a page: method, path, who answers. Built by
// app/wiring.cc with the site, read-only afterwards. Loop-bound.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/page.h"
#include "io/task.h"

namespace yata::admin {

// Who is answered.
enum class Openness : std::uint8_t {
  Closed,  // whom the gate lets in
  Partly,  // everybody, and more of it to those
  Open,    // everybody; the gate is not asked
};

struct Route {
  std::string_view method;  // "GET" answers HEAD too
  std::string_view path;    // "/cache/stats", or "/cache/stats/*": one segment more
  // The call outlives the task. Whoever is captured outlives the router.
  std::function<io::Task<Page>(const Call&)> answer;
  Openness openness = Openness::Closed;
};

class Router {
 public:
  void add(Route route) { routes_.push_back(std::move(route)); }

  struct Found {
    const Route* route = nullptr;
    std::string tail;   // decoded
    std::string allow;  // without a route: the methods of that path; empty: there is no such path
  };
  Found find(std::string_view method, std::string_view path) const;

 private:
  std::vector<Route> routes_;
};

}  // namespace yata::admin
