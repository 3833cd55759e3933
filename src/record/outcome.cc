#include "record/outcome.h"

namespace yata::record {

std::string_view to_string(CacheResult result) {
  switch (result) {
    case CacheResult::None: return "";
    case CacheResult::Bypass: return "fwd=bypass";
  }
  return "";
}

}  // namespace yata::record
