// Directories and files of the machine.
#pragma once

#include <memory>
#include <string>

#include "io/file.h"

namespace yata::io {

class ThreadLoop;

Result<std::unique_ptr<Directory>> open_real_directory(ThreadLoop& loop, const std::string& path);

}  // namespace yata::io
