#include "app/cli.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <string>
#include <vector>

#include "app/cache_command.h"
#include "app/version.h"
#include "config/nearest.h"
#include "config/reference.h"

namespace yata::app {
namespace {

struct Request {
  std::string command;  // "serve", "config dump"
  std::string file;
  bool check_only = false;
  std::string admin;  // a URL, in place of a file's
  CacheCommand cache;
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
    add_cache(*app_.add_subcommand("cache", "About the cache of a running process"));
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

  void add_cache(CLI::App& cache) {
    cache.require_subcommand(1);
    CLI::App& purge = add(cache, "purge", "Forget objects: from now on they are fetched anew");
    CLI::App& stats = add(cache, "stats", "Say what is held");
    CLI::App& warm = add(cache, "warm", "Bring objects before anybody asks for them");
    for (CLI::App* command : {&purge, &stats, &warm}) {
      CLI::App& where = *command->add_option_group("where")->require_option(1);
      where.add_option("-c,--config", request_.file, "The process's configuration file")
          ->type_name("FILE");
      where.add_option("--admin", request_.admin, "Its admin listener: http://127.0.0.1:9901")
          ->type_name("URL");
    }
    CacheCommand& wanted = request_.cache;
    stats.add_option("bucket", wanted.bucket, "Only of this bucket")->type_name("BUCKET");

    CLI::App& gone = *purge.add_option_group("what")->require_option(1);
    gone.add_option("--key", wanted.keys, "One object")->expected(1)->type_name("KEY");
    gone.add_option("--tag", wanted.tag, "All objects with this tag")->type_name("TAG");
    CLI::App& brought = *warm.add_option_group("what")->require_option(1);
    brought.add_option("--key", wanted.keys, "One object; may be repeated")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
        ->type_name("KEY");
    brought.add_option("--show", wanted.show, "Say how far a warm-up is")->type_name("ID");
    brought.add_option("--cancel", wanted.cancel, "End a warm-up")->type_name("ID");
    for (CLI::App* what : {&gone, &brought}) {
      what->add_option("--prefix", wanted.prefix, "All objects whose keys begin so")
          ->type_name("PREFIX");
      what->add_flag("--all", wanted.all, "All objects");
    }
    for (CLI::App* command : {&purge, &warm}) {
      command->add_option("--bucket", wanted.bucket, "Its name in the configuration")
          ->type_name("BUCKET");
    }
    warm.add_option("--concurrency", wanted.concurrency, "Objects at once")
        ->check(CLI::PositiveNumber);
    warm.add_option("--rate", wanted.rate, "Objects a second")->check(CLI::PositiveNumber);
    warm.add_flag("--wait", wanted.wait, "Until it has ended; 1 unless it is done");
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

int with_admin(const Request& request, const io::Endpoint& admin, const Surroundings& around) {
  const std::string token = around.environment("YATAGARASU_ADMIN_TOKEN").value_or("");
  const CacheTalk talk{admin, token, around.out, around.err};
  if (request.command == "cache purge") return cache_purge(request.cache, talk);
  if (request.command == "cache stats") return cache_stats(request.cache, talk);
  return cache_warm(request.cache, talk);
}

// The URL, or what the configuration says.
int about_cache(const Request& request, const Surroundings& around) {
  Result<io::Endpoint> admin = Error{};
  if (request.admin.empty()) {
    const config::LoadResult loaded = config::load(request.file, around.environment);
    if (!loaded.config) {
      say_mistakes(loaded, *around.err);
      return exit_code(loaded);
    }
    admin = admin_of(loaded.config->admin.address);
  } else {
    admin = admin_at(request.admin);
  }
  if (admin) return with_admin(request, *admin, around);
  *around.err << "yatagarasu: " << admin.error().detail << '\n';
  return kExitUsage;
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
  if (request.command == "serve" && !request.check_only) {
    return around.serve(*loaded.config, loaded.warnings);
  }
  for (const config::Mistake& warning : loaded.warnings) {
    *around.err << "warning: " << to_string(warning) << '\n';
  }
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
  } else if (command.starts_with("cache ")) {
    return about_cache(line.request(), surroundings);
  } else {
    return with_file(line.request(), surroundings);
  }
  surroundings.out->flush();
  return surroundings.out->good() ? kExitWell : kExitFailed;
}

}  // namespace yata::app
