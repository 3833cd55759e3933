#include "config/load.h"

#include <filesystem>

#include "config/reading/file.h"
#include "config/reading/rules.h"
#include "config/reading/verifiers.h"
#include "config/reading/walk.h"
#include "config/yaml/reader.h"

namespace yata::config {
namespace {

std::string folder_of(const std::string& path) {
  std::error_code failed;
  const std::filesystem::path absolute = std::filesystem::absolute(path, failed);
  return failed ? "." : absolute.parent_path().string();
}

}  // namespace

LoadResult load(const std::string& path, const Environment& environment) {
  auto text = read_file(path, kFileBytesMax);
  if (text) return load_text(*text, path, environment);
  LoadResult result;
  result.unreadable = text.error().kind != ErrorKind::Limit;
  result.mistakes.push_back({.file = path, .what = std::move(text.error().detail)});
  return result;
}

LoadResult load_text(std::string_view text, const std::string& path,
                     const Environment& environment) {
  Mistakes mistakes(path);
  Places places;
  Walk walk(environment, folder_of(path), mistakes, places);
  yaml::Document document = yaml::read(text, {.bytes = kFileBytesMax, .depth = kDepthMax});
  for (yaml::Fault& fault : document.faults) {
    mistakes.add(fault.place, "", {.what = std::move(fault.what)});
  }
  if (document.whole) {
    walk.read_root(document.root);
    complete_verifiers(walk.config(), environment, places, mistakes);
    check_rules(walk.config(), places, mistakes);
    check_auth(walk.config(), places, mistakes);
  }
  LoadResult result;
  if (mistakes.none()) {
    result.config = std::move(walk.config());
    result.effective = walk.effective();
    result.warnings = mistakes.take_warnings();
  }
  result.mistakes = mistakes.take();
  return result;
}

}  // namespace yata::config
