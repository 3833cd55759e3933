// Query: the parameters of a request to the admin site, read strictly: as Form reads a body. '+' is
// a plus, as it is in keys.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/page.h"

namespace yata::admin {

class Query {
 public:
  explicit Query(std::string_view text);

  // A text of 1 to bytes_max bytes; "" where it is missing or wrong.
  std::string required(std::string_view name, std::size_t bytes_max);
  // For what only the reader knows. The first mistake stays.
  void wrong(std::string_view name, std::string_view what, std::uint16_t status = 400);
  // With the first mistake; an unknown or doubled parameter is one.
  std::optional<Page> mistake();

 private:
  struct Parameter {
    std::string name;
    std::string value;
    bool known = false;
  };
  std::vector<Parameter> parameters_;
  std::optional<Page> mistake_;
};

}  // namespace yata::admin
