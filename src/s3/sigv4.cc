#include "s3/sigv4.h"

#include <charconv>
#include <functional>

#include "base/check.h"
#include "base/codec.h"

namespace yata::s3 {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view kTerminator = "aws4_request";

std::string_view day_of(const AmzDate& date) {
  return {date.data(), 8};
}

void put_digits(char* out, unsigned value, int digits) {
  for (int i = digits - 1; i >= 0; --i, value /= 10) out[i] = static_cast<char>('0' + value % 10);
}

// "AKID/20150830/us-east-1/s3/aws4_request" or, after the key id, with another separator.
void append_scope(std::string& out, const SigningIdentity& identity, std::string_view day,
                  std::string_view slash) {
  out.append(slash).append(day);
  out.append(slash).append(identity.scope.region.view());
  out.append(slash).append(identity.scope.service.view());
  out.append(slash).append(kTerminator);
}

std::size_t slot_of(const SigningIdentity& identity, std::string_view day) {
  const std::hash<std::string_view> hash;
  std::size_t mixed = hash(identity.credentials.access_key.view());
  mixed = mixed * 31 + hash(identity.scope.region.view());
  mixed = mixed * 31 + hash(identity.scope.service.view());
  return mixed * 31 + hash(day);
}

}  // namespace

AmzDate format_amz_date(WallTime now) {
  const auto day = std::chrono::floor<std::chrono::days>(now);
  const std::chrono::year_month_day date{day};
  const auto second = std::chrono::duration_cast<std::chrono::seconds>(now - day).count();
  const int year = static_cast<int>(date.year());
  CHECK(year >= 0 && year <= 9999, year);
  AmzDate out;
  put_digits(&out[0], static_cast<unsigned>(year), 4);
  put_digits(&out[4], static_cast<unsigned>(date.month()), 2);
  put_digits(&out[6], static_cast<unsigned>(date.day()), 2);
  out[8] = 'T';
  put_digits(&out[9], static_cast<unsigned>(second / 3600), 2);
  put_digits(&out[11], static_cast<unsigned>(second / 60 % 60), 2);
  put_digits(&out[13], static_cast<unsigned>(second % 60), 2);
  out[15] = 'Z';
  return out;
}

HmacKey derive_signing_key(const SigningIdentity& identity, std::string_view date) {
  Digest step = HmacKey("AWS4", identity.credentials.secret_key.reveal()).sign(date);
  for (std::string_view part :
       {identity.scope.region.view(), identity.scope.service.view(), kTerminator}) {
    step = HmacKey(view(step)).sign(part);
  }
  const HmacKey key(view(step));
  wipe(step);
  return key;
}

const HmacKey& SigningKeyCache::find_or_derive(const SigningIdentity& identity,
                                               std::string_view date) {
  CHECK(date.size() == 8, date);
  auto& entry = slots_[slot_of(identity, date) % kSlots];
  const Credentials& credentials = identity.credentials;
  if (entry && std::string_view(entry->date.data(), 8) == date && entry->scope == identity.scope &&
      entry->access_key == credentials.access_key && entry->secret_key == credentials.secret_key) {
    return entry->key;
  }
  if (!entry) entry = std::make_unique<Entry>();
  date.copy(entry->date.data(), 8);
  entry->access_key = credentials.access_key;
  entry->secret_key = credentials.secret_key;
  entry->scope = identity.scope;
  entry->key = derive_signing_key(identity, date);
  ++derivations_;
  return entry->key;
}

void Signer::write_string_to_sign(const AmzDate& date, const Scope& scope) {
  TextBuffer& out = string_to_sign_;
  out.clear();
  out.ensure(192 + scope.region.view().size() + scope.service.view().size());
  out.put(kAlgorithm);
  out.put('\n');
  out.put(view(date));
  out.put('\n');
  out.put(day_of(date));
  out.put('/');
  out.put(scope.region.view());
  out.put('/');
  out.put(scope.service.view());
  out.put('/');
  out.put(kTerminator);
  out.put('\n');
  out.put(view(hex(sha256(canonical_.view()))));
}

void Signer::sign(const SigningIdentity& identity, const AmzDate& date) {
  write_string_to_sign(date, identity.scope);
  const HmacKey& key = keys_.find_or_derive(identity, day_of(date));
  signature_ = hex(key.sign(string_to_sign_.view()));
}

void Signer::sign_headers(const SigningRequest& request, const SigningIdentity& identity,
                          WallTime now, SignedHead& out) {
  const Credentials& credentials = identity.credentials;
  CHECK(!credentials.anonymous());
  out.amz_date = format_amz_date(now);
  out.content_sha256 = request.payload_hash;
  out.security_token = credentials.session_token.view();

  std::array<NameValue, 3> added;
  std::size_t count = 0;
  added[count++] = {"x-amz-date", view(out.amz_date)};
  if (rules_.payload_field == PayloadField::Added)
    added[count++] = {"x-amz-content-sha256", request.payload_hash};
  if (!out.security_token.empty()) added[count++] = {"x-amz-security-token", out.security_token};
  canonical_.set_fields(request.fields, std::span(added).first(count));
  canonical_.write(request, {}, rules_.path);
  sign(identity, out.amz_date);

  out.authorization.assign(kAlgorithm).append(" Credential=");
  out.authorization.append(credentials.access_key.view());
  append_scope(out.authorization, identity, day_of(out.amz_date), "/");
  out.authorization.append(", SignedHeaders=").append(canonical_.signed_names());
  out.authorization.append(", Signature=").append(view(signature_));
}

void Signer::presign(const SigningRequest& request, const SigningIdentity& identity, WallTime now,
                     std::chrono::seconds expires, std::string& query) {
  const Credentials& credentials = identity.credentials;
  CHECK(!credentials.anonymous());
  const AmzDate date = format_amz_date(now);
  canonical_.set_fields(request.fields, {});

  credential_.clear();
  percent_encode(credentials.access_key.view(), Slash::Encode, credential_);
  append_scope(credential_, identity, day_of(date), "%2F");
  token_.clear();
  percent_encode(credentials.session_token.view(), Slash::Encode, token_);
  names_.clear();
  percent_encode(canonical_.signed_names(), Slash::Encode, names_);
  std::array<char, 24> seconds;
  const auto end = std::to_chars(seconds.data(), seconds.data() + seconds.size(), expires.count());

  std::array<NameValue, 6> added{{
      {"X-Amz-Algorithm", kAlgorithm},
      {"X-Amz-Credential", credential_},
      {"X-Amz-Date", view(date)},
      {"X-Amz-Expires", std::string_view(seconds.data(), end.ptr)},
      {"X-Amz-SignedHeaders", names_},
      {"X-Amz-Security-Token", token_},
  }};
  const std::size_t count = token_.empty() ? added.size() - 1 : added.size();
  canonical_.write(request, std::span(added).first(count), rules_.path);
  sign(identity, date);
  query.assign(canonical_.query()).append("&X-Amz-Signature=").append(view(signature_));
}

}  // namespace yata::s3
