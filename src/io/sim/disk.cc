#include "io/sim/disk.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include "io/sim/simulation.h"

namespace yata::io {
namespace {

Error file_error(ErrorKind kind, std::string detail) {
  return {kind, ErrorSource::Self, Retry::Never, std::move(detail)};
}

class SimFile final : public File {
 public:
  SimFile(Simulation& simulation, std::shared_ptr<const SimFileContent> content)
      : simulation_(&simulation), content_(std::move(content)) {}

  const FileFacts& facts() const override { return content_->facts; }
  int descriptor() const override { return -1; }

  Task<Result<std::size_t>> read_at(ByteBuffer into, std::uint64_t offset) override {
    Result<void> ready = co_await simulation_->delay(kNever);
    if (!ready) co_return std::move(ready.error());
    if (facts().kind != FileFacts::Kind::Regular) {
      co_return file_error(ErrorKind::Io, "is a directory");
    }
    if (simulation_->chance(simulation_->options().file_error)) {
      simulation_->trace(SimEvent::Fault, facts().inode, offset);
      co_return file_error(ErrorKind::Io, "input/output error");
    }
    const std::string& bytes = content_->bytes;
    if (into.empty() || offset >= bytes.size()) co_return std::size_t{0};
    std::size_t got = std::min<std::size_t>(into.size(), bytes.size() - offset);
    if (simulation_->chance(simulation_->options().short_io)) got = 1 + simulation_->below(got);
    std::memcpy(into.data(), bytes.data() + offset, got);
    simulation_->trace(SimEvent::FileRead, facts().inode, got);
    co_return got;
  }

 private:
  Simulation* simulation_;  // outlives all files
  std::shared_ptr<const SimFileContent> content_;
};

// "a/./b/../c" as "a/c"; nullopt when it leads outside.
std::optional<std::string> normalised(std::string_view path) {
  if (path.starts_with('/')) return std::nullopt;
  std::vector<std::string_view> segments;
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    const std::string_view segment = path.substr(0, slash);
    path.remove_prefix(std::min(slash + 1, path.size()));
    if (segment == "..") {
      if (segments.empty()) return std::nullopt;
      segments.pop_back();
    } else if (!segment.empty() && segment != ".") {
      segments.push_back(segment);
    }
  }
  std::string joined;
  for (const std::string_view segment : segments) {
    if (!joined.empty()) joined += '/';
    joined += segment;
  }
  return joined;
}

std::shared_ptr<const SimFileContent> find(const SimTree& tree, const std::string& path) {
  if (const auto file = tree.find(path); file != tree.end()) return file->second;
  const std::string below = path.empty() ? path : path + "/";
  const auto first = tree.lower_bound(below);
  if (first == tree.end() || !first->first.starts_with(below)) return nullptr;
  auto directory = std::make_shared<SimFileContent>();
  directory->facts.kind = FileFacts::Kind::Directory;
  return directory;
}

class SimDirectory final : public Directory {
 public:
  SimDirectory(Simulation& simulation, std::shared_ptr<const SimTree> tree)
      : simulation_(&simulation), tree_(std::move(tree)) {}

  Task<Result<std::unique_ptr<File>>> open(std::string_view path) override {
    const std::string wanted(path);
    Result<void> ready = co_await simulation_->delay(kNever);
    if (!ready) co_return std::move(ready.error());
    if (simulation_->chance(simulation_->options().file_error)) {
      simulation_->trace(SimEvent::Fault, wanted.size(), 0);
      co_return file_error(ErrorKind::Io, wanted + ": input/output error");
    }
    const std::optional<std::string> inside = normalised(wanted);
    if (!inside) co_return file_error(ErrorKind::Denied, wanted + ": leads outside");
    std::shared_ptr<const SimFileContent> content = find(*tree_, *inside);
    if (content == nullptr) co_return file_error(ErrorKind::NotFound, wanted + ": no such file");
    simulation_->trace(SimEvent::FileOpen, content->facts.inode, 0);
    co_return std::make_unique<SimFile>(*simulation_, std::move(content));
  }

  Task<Result<std::vector<DirectoryEntry>>> list(std::string_view path) override {
    Result<std::unique_ptr<File>> opened = co_await open(path);
    if (!opened) co_return std::move(opened.error());
    if ((*opened)->facts().kind != FileFacts::Kind::Directory) {
      co_return file_error(ErrorKind::NotFound, "not a directory");
    }
    co_return entries_below(*normalised(path));
  }

 private:
  std::vector<DirectoryEntry> entries_below(const std::string& path) const {
    const std::string below = path.empty() ? path : path + "/";
    std::vector<DirectoryEntry> entries;
    for (auto at = tree_->lower_bound(below); at != tree_->end(); ++at) {
      if (!at->first.starts_with(below)) break;
      const std::string_view rest = std::string_view(at->first).substr(below.size());
      const std::size_t slash = rest.find('/');
      const bool file = slash == std::string_view::npos;
      DirectoryEntry entry{std::string(rest.substr(0, slash)), FileFacts::Kind::Directory};
      if (file) entry.kind = FileFacts::Kind::Regular;
      if (entries.empty() || entries.back() != entry) entries.push_back(std::move(entry));
    }
    std::ranges::sort(entries);
    return entries;
  }

  Simulation* simulation_;  // outlives all directories
  std::shared_ptr<const SimTree> tree_;
};

}  // namespace

Result<std::unique_ptr<Directory>> SimDisk::open_directory(const std::string& root) {
  const auto tree = trees_.find(root);
  if (tree == trees_.end()) return file_error(ErrorKind::NotFound, root + ": no such directory");
  return std::make_unique<SimDirectory>(*simulation_, tree->second);
}

void SimDisk::add_file(const std::string& root, const std::string& path, std::string bytes) {
  auto content = std::make_shared<SimFileContent>();
  content->facts = {.kind = FileFacts::Kind::Regular,
                    .size_bytes = bytes.size(),
                    .modified = simulation_->wall_now(),
                    .inode = next_inode_++};
  content->bytes = std::move(bytes);
  std::shared_ptr<SimTree>& tree = trees_[root];
  if (tree == nullptr) tree = std::make_shared<SimTree>();
  tree->insert_or_assign(path, std::move(content));
}

}  // namespace yata::io
