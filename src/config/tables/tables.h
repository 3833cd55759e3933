// The tables of all keys, one per section of the file, in the order of the reference page.
#pragma once

#include <span>

#include "config/tables/row.h"

namespace yata::config {

std::span<const Row> root_rows();  // the whole file

std::span<const Row> server_rows();
std::span<const Row> admin_rows();
std::span<const Row> bucket_rows();
std::span<const Row> s3_rows();
std::span<const Row> bucket_cache_rows();
std::span<const Row> cache_rows();
std::span<const Row> logging_rows();
std::span<const Row> jwt_rows();   // one row, of each verifier
std::span<const Row> auth_rows();  // of a bucket
std::span<const Row> admin_auth_rows();

// Of later versions.
std::span<const Row> rate_limit_rows();
std::span<const Row> opa_rows();
std::span<const Row> openfga_rows();
std::span<const Row> audit_rows();
std::span<const Row> tracing_rows();

}  // namespace yata::config
