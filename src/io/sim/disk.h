// The simulated disk: named trees of files in memory.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "io/file.h"

namespace yata::io {

class Simulation;

struct SimFileContent {
  std::string bytes;
  FileFacts facts;
};

// Path to content. Directories exist by the paths below them.
using SimTree = std::map<std::string, std::shared_ptr<const SimFileContent>, std::less<>>;

class SimDisk {
 public:
  explicit SimDisk(Simulation& simulation) : simulation_(&simulation) {}

  Result<std::unique_ptr<Directory>> open_directory(const std::string& root);
  void add_file(const std::string& root, const std::string& path, std::string bytes);

 private:
  Simulation* simulation_;                                 // owns this
  std::map<std::string, std::shared_ptr<SimTree>> trees_;  // shared with open directories
  std::uint64_t next_inode_ = 1;
};

}  // namespace yata::io
