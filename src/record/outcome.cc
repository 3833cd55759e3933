#include "record/outcome.h"

namespace yata::record {

std::string_view to_string(CacheResult result) {
  switch (result) {
    case CacheResult::None: return "";
    case CacheResult::Bypass: return "fwd=bypass";
  }
  return "";
}

std::string_view to_string(Decision decision) {
  switch (decision) {
    case Decision::None: return "";
    case Decision::PublicBucket: return "public_bucket";
    case Decision::NoVerifier: return "no_verifier";
  }
  return "";
}

}  // namespace yata::record
