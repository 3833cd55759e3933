#include "app/cli.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <string>
#include <vector>

#include "app/version.h"
#include "config/nearest.h"
#include "config/reference.h"

namespace yata::app {
namespace {

struct Request {
  std::string command;  // "serve", "config dump"
  std::string file;
  bool check_only = false;
};

class CommandLine {
 public:
  CommandLine() : app_("An S3 proxy: objects from S3 through one door.", "yatagarasu") {
    app_.require_subcommand(1);
    app_.set_help_flag("-h,--help", "Say how a command is used");
    CLI::App& serve =
        add(app_, "serve", "Serve what a configuration says, until SIGTERM or SIGINT");
    serve.add_flag("--check", request_.check_only, "Only check the configuration");
    add_file(serve);
    add_file(add(app_, "check", "Check a configuration and say every mistake in it"));
    CLI::App& config = *app_.add_subcommand("config", "About the configuration file");
    config.require_subcommand(1);
    add(config, "reference", "Every key, as Markdown");
    add(config, "schema", "Every key, as a JSON schema");
    add_file(add(config, "dump",
                 "What a configuration comes to: defaults filled in, "
                 "variables expanded, secrets masked"));
    add(app_, "version", "Say what this is");
    app_.footer(
        "Exit codes: 0 well, 1 failure at run time, 2 usage or configuration,\n"
        "3 address or file not available.");
  }

  // kExitWell with a request, or the exit code after having said what was wrong.
  int parse(std::span<const char* const> arguments, const Surroundings& around) {
    // CLI11 takes them from the end.
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    try {
      app_.parse(std::move(reversed));
    } catch (const CLI::Success& help) {
      app_.exit(help, *around.out, *around.err);
      asked_for_help_ = true;
      return kExitWell;
    } catch (const CLI::Error& error) {
      *around.err << "yatagarasu: " << wrong(arguments, error)
                  << "\n`yatagarasu --help` says more.\n";
      return kExitUsage;
    }
    return kExitWell;
  }

  bool asked_for_help() const { return asked_for_help_; }
  const Request& request() const { return request_; }

 private:
  CLI::App& add(CLI::App& parent, const std::string& name, const std::string& what) {
    CLI::App& command = *parent.add_subcommand(name, what);
    const std::string full = &parent == &app_ ? name : parent.get_name() + " " + name;
    command.callback([this, full] { request_.command = full; });
    return command;
  }

  void add_file(CLI::App& command) {
    command.add_option("-c,--config", request_.file, "The configuration file")
        ->required()
        ->type_name("FILE");
  }

  static std::vector<std::string> names_of(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
    return names;
  }

  // An unknown command and what it may have been; or what the library says.
  std::string wrong(std::span<const char* const> words, const CLI::Error& error) const {
    const CLI::App* app = &app_;
    for (const std::string word : words) {
      const std::vector<std::string> names = names_of(*app);
      if (names.empty() || word.starts_with('-')) break;
      if (std::ranges::find(names, word) == names.end()) {
        const std::string nearest = config::nearest_word(word, names);
        return "there is no command \"" + word + "\"" +
               (nearest.empty() ? "" : "; did you mean \"" + nearest + "\"?");
      }
      app = app->get_subcommand(word);
    }
    return error.what();
  }

  CLI::App app_;
  Request request_;
  bool asked_for_help_ = false;
};

void say_mistakes(const config::LoadResult& loaded, std::ostream& err) {
  for (const config::Mistake& mistake : loaded.mistakes) err << to_string(mistake) << '\n';
}

int exit_code(const config::LoadResult& loaded) {
  if (loaded.unreadable) return kExitNotAvailable;
  return loaded.config ? kExitWell : kExitUsage;
}

int with_file(const Request& request, const Surroundings& around) {
  const config::LoadResult loaded = config::load(request.file, around.environment);
  if (!loaded.config) {
    say_mistakes(loaded, *around.err);
    return exit_code(loaded);
  }
  if (request.command == "config dump") {
    *around.out << loaded.effective;
    return kExitWell;
  }
  if (request.command == "serve" && !request.check_only) return around.serve(*loaded.config);
  const std::size_t buckets = loaded.config->buckets.size();
  *around.out << request.file << ": ok, " << buckets << (buckets == 1 ? " bucket" : " buckets")
              << '\n';
  return kExitWell;
}

}  // namespace

int run(std::span<const char* const> arguments, const Surroundings& surroundings) {
  CommandLine line;
  const int usage = line.parse(arguments, surroundings);
  if (usage != kExitWell || line.asked_for_help()) return usage;
  const std::string& command = line.request().command;
  if (command == "version") {
    *surroundings.out << "yatagarasu " << kVersion << " (" << kCommit << ", " << kCompiler << ")\n";
  } else if (command == "config reference") {
    *surroundings.out << config::reference_markdown();
  } else if (command == "config schema") {
    *surroundings.out << config::reference_schema();
  } else {
    return with_file(line.request(), surroundings);
  }
  surroundings.out->flush();
  return surroundings.out->good() ? kExitWell : kExitFailed;
}

}  // namespace yata::app
