#include "app/version.h"

namespace yata::app {

const std::string_view kVersion = YATA_VERSION;
const std::string_view kCommit = YATA_COMMIT;
const std::string_view kCompiler = YATA_COMPILER;

}  // namespace yata::app
