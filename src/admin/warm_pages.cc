#include "admin/warm_pages.h"

#include "admin/cache_pages.h"
#include "admin/form.h"
#include "admin/json_text.h"

namespace yata::admin {
namespace {

Page no_such_job() {
  return error_page(404, "NotFound", "There is no such warm-up, or it is long over.", "id");
}

WarmOrder read_order(Form& form, const Buckets& buckets) {
  WarmOrder order;
  const std::string_view name = form.required_text("bucket", kBucketNameMax);
  order.bucket = index_of_cached(buckets, name, form);
  order.keys = form.texts("keys", WarmPages::kKeysMax, kKeyMax);
  const bool whole = form.flag("all");
  const std::string_view prefix = form.text("prefix", kKeyMax);
  if (form.has("prefix") || whole) order.prefix = prefix;
  const int named = (form.has("keys") ? 1 : 0) + (form.has("prefix") ? 1 : 0) + (whole ? 1 : 0);
  if (named != 1) form.wrong("keys", "or one of prefix and all must be there, and no two of them");
  const WarmOrder usual;
  order.concurrency = static_cast<std::uint32_t>(
      form.number("concurrency", {1, WarmPages::kConcurrencyMax, usual.concurrency}));
  order.per_second = static_cast<std::uint32_t>(
      form.number("requests_per_second", {1, WarmPages::kPerSecondMax, usual.per_second}));
  return order;
}

}  // namespace

void WarmPages::add_to(Router& router) {
  router.add({.method = "POST", .path = "/cache/warm", .answer = [this](const Call& call) {
                return start(call);
              }});
  router.add({.method = "GET", .path = "/cache/warm/*", .answer = [this](const Call& call) {
                return show(call);
              }});
  router.add({.method = "DELETE", .path = "/cache/warm/*", .answer = [this](const Call& call) {
                return cancel(call);
              }});
}

io::Task<Page> WarmPages::start(const Call& call) {
  if (jobs_ == nullptr) co_return no_cache();
  Form form(call.body);
  WarmOrder order = read_order(form, buckets_);
  if (auto mistake = form.mistake()) co_return std::move(*mistake);
  const WarmJob* job = jobs_->start(std::move(order));
  if (job == nullptr) {
    co_return error_page(429, "TooManyJobs", "As many warm-ups run as may at once.");
  }
  co_return progress(*job, 202);
}

io::Task<Page> WarmPages::show(const Call& call) {
  if (jobs_ == nullptr) co_return no_cache();
  const WarmJob* job = jobs_->find(call.tail);
  co_return job == nullptr ? no_such_job() : progress(*job, 200);
}

io::Task<Page> WarmPages::cancel(const Call& call) {
  if (jobs_ == nullptr) co_return no_cache();
  jobs_->cancel(call.tail);
  const WarmJob* job = jobs_->find(call.tail);
  co_return job == nullptr ? no_such_job() : progress(*job, 200);
}

Page WarmPages::progress(const WarmJob& job, std::uint16_t status) const {
  JsonText json;
  json.member("id", job.id()).member("bucket", buckets_[job.order().bucket].name);
  json.member("state", to_string(job.state())).member("found", job.found());
  for (std::size_t i = 0; i < cache::kBroughts; ++i) {
    const auto brought = static_cast<cache::Brought>(i);
    json.member(to_string(brought), job.count(brought));
  }
  if (!job.error().empty()) json.member("error", job.error());
  return {.status = status, .body = json.take()};
}

}  // namespace yata::admin
