// The directory origin: a local tree that answers as S3 would. One per bucket and loop.
#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "http/date.h"
#include "http/field.h"
#include "io/file.h"
#include "origin/directory/mime_types.h"
#include "origin/make.h"
#include "s3/conditional.h"
#include "s3/range.h"

namespace yata::origin {
namespace {

constexpr std::size_t kMaxSegmentBytes = 255;  // NAME_MAX
constexpr std::size_t kMaxKeyBytes = 4095;     // PATH_MAX without the NUL

// Whether a file of that name can exist. A tree cannot tell `a//b` or `a/./b` from `a/b`, but S3
// can: such keys are not there, so that one object never has two names.
bool can_exist(std::string_view key) {
  if (key.empty() || key.size() > kMaxKeyBytes || key.contains('\0')) return false;
  while (true) {
    const std::string_view segment = key.substr(0, key.find('/'));
    if (segment.empty() || segment == "." || segment == "..") return false;
    if (segment.size() > kMaxSegmentBytes) return false;
    if (segment.size() == key.size()) return true;
    key.remove_prefix(segment.size() + 1);
  }
}

// `"inode-size-time"` in hexadecimal: another file, another length or another time of change is
// another tag. Two changes of one file within the file system's clock tick (4 ms and less) that
// keep its size are not told apart.
class EtagText {
 public:
  explicit EtagText(const io::FileFacts& facts) {
    put('"');
    put(facts.inode);
    put('-');
    put(facts.size_bytes);
    put('-');
    const auto second = std::chrono::floor<std::chrono::seconds>(facts.modified);
    put(static_cast<std::uint64_t>(second.time_since_epoch().count()));
    put('.');
    put(facts.modified_ns);
    put('"');
  }
  std::string_view view() const { return {text_.data(), size_}; }

 private:
  void put(char c) { text_[size_++] = c; }
  void put(std::uint64_t number) {
    char* const first = text_.data() + size_;
    size_ += static_cast<std::size_t>(
        std::to_chars(first, text_.data() + text_.size(), number, 16).ptr - first);
  }

  std::array<char, 4 * 16 + 5> text_;
  std::size_t size_ = 0;
};

// A file's time as HTTP can say it: within years 0 to 9999, and not in the future (RFC 9110
// §8.8.2.1).
http::HttpTime last_modified_of(const io::FileFacts& facts, WallTime now) {
  const auto modified = std::min(facts.modified, now);
  return std::chrono::floor<std::chrono::seconds>(std::max(modified, WallTime{}));
}

// The piece of a file that answers a request; the file goes with it.
class FileBody final : public http::Body {
 public:
  io::Task<Result<http::BodyPiece>> next() override {
    if (piece_.length == 0) co_return http::BodyEnd{};
    co_return std::exchange(piece_, {});
  }
  void send(http::FilePiece piece) { piece_ = piece; }

 private:
  http::FilePiece piece_;
};

class FileResponse final : public ObjectResponse {
 public:
  // For answers without a file.
  explicit FileResponse(ObjectStatus status) { facts_.status = status; }

  FileResponse(std::unique_ptr<io::File> file, const ObjectRequest& request, WallTime now)
      : file_(std::move(file)),
        etag_(file_->facts()),
        modified_(last_modified_of(file_->facts(), now)),
        last_modified_(http::format_http_date(modified_)) {
    facts_.etag = etag_.view();
    facts_.last_modified = http::view(last_modified_);
    facts_.size_bytes = file_->facts().size_bytes;
    fields_ = {http::field(http::FieldName::ContentType, mime_type(request.key)),
               http::field(http::FieldName::AcceptRanges, "bytes")};
    field_count_ = fields_.size();
    decide(request, now);
  }

  const ObjectFacts& facts() const override { return facts_; }
  http::Fields fields() const override { return std::span(fields_).first(field_count_); }
  http::Body& body() override { return body_; }

 private:
  void decide(const ObjectRequest& request, WallTime now) {
    const s3::Validators validators{facts_.etag, modified_};
    switch (s3::evaluate(preconditions_of(request), validators, now)) {
      case s3::Verdict::NotModified: facts_.status = ObjectStatus::NotModified; return;
      case s3::Verdict::PreconditionFailed:
        facts_.status = ObjectStatus::PreconditionFailed;
        field_count_ = 0;
        return;
      case s3::Verdict::Proceed: break;
    }
    const std::uint64_t size = *facts_.size_bytes;
    s3::ByteRange part{0, size};
    s3::RangeSet asked{};
    // One range is asked for; several are not measured here, so they get the whole object.
    if (s3::parse_range(request.range, asked) && asked.size() == 1) {
      s3::ByteRanges parts{};
      const s3::RangeAnswer answer = s3::resolve(asked, size, parts);
      if (answer == s3::RangeAnswer::Unsatisfiable) {
        facts_.status = ObjectStatus::RangeNotSatisfiable;
        field_count_ = 0;
        return;
      }
      if (answer == s3::RangeAnswer::Parts) {
        part = parts[0];
        facts_.status = ObjectStatus::Part;
        facts_.range_first = part.offset;
      }
    }
    facts_.length_bytes = part.length;
    if (request.method == http::Method::Head) return;
    body_.send({file_.get(), part.offset, part.length});
  }

  static s3::Preconditions preconditions_of(const ObjectRequest& request) {
    const auto field = [](std::string_view value) {
      return value.empty() ? std::nullopt : std::optional(value);
    };
    s3::Preconditions preconditions;
    preconditions.if_match = field(request.if_match);
    preconditions.if_none_match = field(request.if_none_match);
    preconditions.if_modified_since = field(request.if_modified_since);
    preconditions.if_unmodified_since = field(request.if_unmodified_since);
    return preconditions;
  }

  std::unique_ptr<io::File> file_;
  EtagText etag_{io::FileFacts{}};
  http::HttpTime modified_{};
  http::HttpDate last_modified_{};
  std::array<http::Field, 2> fields_;
  std::size_t field_count_ = 0;
  ObjectFacts facts_;
  FileBody body_;
};

// The tree below the prefix's last directory, depth first.
class DirectoryKeys final : public Listing {
 public:
  DirectoryKeys(std::shared_ptr<io::Directory> directory, std::string prefix)
      : directory_(std::move(directory)), prefix_(std::move(prefix)) {
    const std::size_t slash = prefix_.rfind('/');
    waiting_.push_back(slash == std::string::npos ? "" : prefix_.substr(0, slash));
    if (!waiting_.back().empty() && !can_exist(waiting_.back())) waiting_.clear();
    if (prefix_.starts_with('/')) waiting_.clear();  // no key begins so
  }

  io::Task<Result<std::vector<std::string>>> next() override {
    while (found_.empty() && !waiting_.empty()) {
      const std::string path = waiting_.back();
      Result<std::vector<io::DirectoryEntry>> entries = co_await directory_->list(path);
      // Gone since it was seen, or never there: nothing is listed of it.
      const bool gone = !entries && (entries.error().kind == ErrorKind::NotFound ||
                                     entries.error().kind == ErrorKind::Denied);
      if (!entries && !gone) {
        entries.error().source = ErrorSource::Origin;
        co_return std::move(entries.error());
      }
      waiting_.pop_back();
      if (entries) take(path, *entries);
    }
    std::vector<std::string> page;
    while (page.size() < kPageMax && !found_.empty()) {
      page.push_back(std::move(found_.back()));
      found_.pop_back();
    }
    co_return page;
  }

 private:
  void take(const std::string& path, const std::vector<io::DirectoryEntry>& entries) {
    for (const io::DirectoryEntry& entry : entries) {
      std::string key = path.empty() ? entry.name : path + "/" + entry.name;
      const bool wanted = key.starts_with(prefix_);
      if (entry.kind == io::FileFacts::Kind::Regular) {
        if (wanted && can_exist(key)) found_.push_back(std::move(key));
      } else if (entry.kind == io::FileFacts::Kind::Directory) {
        if (wanted || prefix_.starts_with(key + "/")) waiting_.push_back(std::move(key));
      }
    }
  }

  std::shared_ptr<io::Directory> directory_;  // the origin may exchange its own
  std::string prefix_;
  std::vector<std::string> waiting_;  // directories to look into, the next one last
  std::vector<std::string> found_;
};

class DirectoryOrigin final : public Origin {
 public:
  DirectoryOrigin(io::Loop& loop, std::string root, std::unique_ptr<io::Directory> directory)
      : loop_(&loop), root_(std::move(root)), directory_(std::move(directory)) {}

  io::Task<Result<std::unique_ptr<ObjectResponse>>> fetch(const ObjectRequest& request,
                                                          OriginTrace& trace) override {
    const SteadyTime started = loop_->clock().steady();
    trace.attempts = 1;
    Result<std::unique_ptr<ObjectResponse>> answer = co_await open(request);
    trace.duration = loop_->clock().steady() - started;
    if (!answer) co_return std::move(answer.error());
    trace.status = status_code((*answer)->facts().status);
    co_return std::move(*answer);
  }

  // Opens the root anew, so that a tree which was replaced as a whole is seen.
  io::Task<Result<void>> probe() override {
    Result<std::unique_ptr<io::Directory>> opened = loop_->open_directory(root_);
    if (!opened) {
      opened.error().source = ErrorSource::Origin;
      co_return std::move(opened.error());
    }
    directory_ = std::move(*opened);
    co_return Result<void>();
  }

  std::unique_ptr<Listing> list(std::string prefix) override {
    return std::make_unique<DirectoryKeys>(directory_, std::move(prefix));
  }

  void close() override {}

 private:
  io::Task<Result<std::unique_ptr<ObjectResponse>>> open(const ObjectRequest& request) {
    if (!can_exist(request.key)) co_return answer(ObjectStatus::NotFound);
    // Held here as well: probe() may exchange it while this waits.
    const std::shared_ptr<io::Directory> directory = directory_;
    Result<std::unique_ptr<io::File>> file = co_await directory->open(request.key);
    if (!file) {
      if (file.error().kind == ErrorKind::NotFound) co_return answer(ObjectStatus::NotFound);
      if (file.error().kind == ErrorKind::Denied) co_return answer(ObjectStatus::Forbidden);
      file.error().source = ErrorSource::Origin;
      co_return std::move(file.error());
    }
    if ((*file)->facts().kind != io::FileFacts::Kind::Regular) {
      co_return answer(ObjectStatus::NotFound);
    }
    std::unique_ptr<ObjectResponse> response =
        std::make_unique<FileResponse>(std::move(*file), request, loop_->wall_now());
    co_return response;
  }

  static std::unique_ptr<ObjectResponse> answer(ObjectStatus status) {
    return std::make_unique<FileResponse>(status);
  }

  static std::uint16_t status_code(ObjectStatus status) {
    switch (status) {
      case ObjectStatus::Whole: return 200;
      case ObjectStatus::Part: return 206;
      case ObjectStatus::NotModified: return 304;
      case ObjectStatus::PreconditionFailed: return 412;
      case ObjectStatus::RangeNotSatisfiable: return 416;
      case ObjectStatus::NotFound: return 404;
      case ObjectStatus::Forbidden: return 403;
      case ObjectStatus::Page: break;
    }
    return 0;
  }

  io::Loop* loop_;  // outlives the origin
  std::string root_;
  std::shared_ptr<io::Directory> directory_;
};

}  // namespace

Result<std::unique_ptr<Origin>> make_directory_origin(io::Loop& loop,
                                                      const DirectoryOptions& options) {
  Result<std::unique_ptr<io::Directory>> directory = loop.open_directory(options.root);
  if (!directory) {
    directory.error().source = ErrorSource::Origin;
    return directory.error();
  }
  return std::make_unique<DirectoryOrigin>(loop, options.root, std::move(*directory));
}

}  // namespace yata::origin
