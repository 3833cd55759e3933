// What the tables say, for readers: a page of Markdown, and a JSON schema for editors. Committed
// under docs/reference/, held equal by a test.
#pragma once

#include <string>

namespace yata::config {

std::string reference_markdown();
std::string reference_schema();  // JSON Schema, draft 2020-12

}  // namespace yata::config
