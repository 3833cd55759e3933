#include "config/yaml/reader.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <map>
#include <sstream>
#include <utility>

#include "config/yaml/source.h"

namespace yata::config::yaml {
namespace {

struct Anchored {
  Tree node;
  std::size_t size = 0;  // in nodes
};

// Builds the tree from the parser's events. Goes deaf after a fault that ends the reading: the
// parser cannot be stopped from inside but by throwing.
class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(const Source& source, const ReadLimits& limits, Document& document)
      : source_(&source), limits_(&limits), document_(&document) {}

  bool ended() const { return ended_; }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) end(mark, "a second document; a configuration is one");
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    take(make(Tree::Kind::Null, mark), anchor, 1);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    check_tag(mark, tag);
    Tree node = make(Tree::Kind::Scalar, mark);
    node.plain = tag == kPlain;
    if (!ended_) node.text = value;
    take(std::move(node), anchor, 1);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto known = anchors_.find(anchor);
    if (known == anchors_.end()) return end(mark, "an alias inside what it stands for");
    if (!afford(mark, known->second.size)) return;
    take(known->second.node, YAML::NullAnchor, known->second.size);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(Tree::Kind::List, mark, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(Tree::Kind::Map, mark, tag, anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  static constexpr std::string_view kPlain = "?";
  static constexpr std::string_view kQuoted = "!";

  // A list or map whose end has not come yet.
  struct Open {
    Tree node;
    YAML::anchor_t anchor = YAML::NullAnchor;
    std::size_t size = 1;
    bool has_key = false;  // of a map: the next node is the value of its last entry
  };

  Place place(const YAML::Mark& mark) const { return source_->place(mark.line, mark.column); }

  Tree make(Tree::Kind kind, const YAML::Mark& mark) {
    Tree node;
    if (!afford(mark, 1)) return node;
    node.kind = kind;
    node.place = place(mark);
    return node;
  }

  void end(const Place& at, std::string what) {
    if (ended_) return;
    ended_ = true;
    document_->faults.push_back({at, std::move(what)});
  }
  void end(const YAML::Mark& mark, std::string what) { end(place(mark), std::move(what)); }

  bool afford(const YAML::Mark& mark, std::size_t nodes) {
    nodes_ += nodes;
    if (nodes_ > limits_->nodes) end(mark, "too many values");
    return !ended_;
  }

  void check_tag(const YAML::Mark& mark, const std::string& tag) {
    if (ended_ || tag.empty() || tag == kPlain || tag == kQuoted) return;
    document_->faults.push_back({place(mark), "a tag; values have the types of their keys"});
  }

  void open(Tree::Kind kind, const YAML::Mark& mark, const std::string& tag,
            YAML::anchor_t anchor) {
    check_tag(mark, tag);
    if (static_cast<int>(open_.size()) >= limits_->depth) end(mark, "too deep a nesting");
    Tree node = make(kind, mark);
    if (ended_) return;
    open_.push_back({std::move(node), anchor});
  }

  void close() {
    if (ended_) return;
    Open closed = std::move(open_.back());
    open_.pop_back();
    take(std::move(closed.node), closed.anchor, closed.size);
  }

  void take(Tree node, YAML::anchor_t anchor, std::size_t size) {
    if (ended_) return;
    if (anchor != YAML::NullAnchor) {
      if (!afford(YAML::Mark(), size)) return;
      anchors_[anchor] = {node, size};
    }
    if (open_.empty()) {
      document_->root = std::move(node);
      return;
    }
    Open& parent = open_.back();
    parent.size += size;
    if (parent.node.kind == Tree::Kind::List) {
      parent.node.items.push_back(std::move(node));
    } else {
      take_into_map(parent, std::move(node));
    }
  }

  void take_into_map(Open& map, Tree node) {
    std::vector<Entry>& entries = map.node.entries;
    if (!map.has_key) {
      if (node.kind != Tree::Kind::Scalar) return end(node.place, "a key that is no text");
      entries.push_back({std::move(node.text), node.place, {}});
    } else {
      // The parser gives an empty value the place of whatever follows it.
      const Place key = entries.back().place;
      if (node.kind == Tree::Kind::Null && node.place.line != key.line) node.place = key;
      entries.back().value = std::move(node);
    }
    map.has_key = !map.has_key;
  }

  const Source* source_;  // all three outlive this
  const ReadLimits* limits_;
  Document* document_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, Anchored> anchors_;
  std::size_t nodes_ = 0;
  int documents_ = 0;
  bool ended_ = false;
};

// The parser's message without what it quotes of the text.
std::string reason(const std::string& message) {
  const std::string_view quoting[] = {
      YAML::ErrorMsg::UNKNOWN_ANCHOR, YAML::ErrorMsg::INVALID_ESCAPE,
      YAML::ErrorMsg::INVALID_UNICODE, YAML::ErrorMsg::YAML_VERSION};
  for (std::string_view start : quoting) {
    if (!message.starts_with(start)) continue;
    while (start.ends_with(' ') || start.ends_with(':')) start.remove_suffix(1);
    return std::string(start);
  }
  return message;
}

Fault fault_of(const YAML::Exception& exception, const Source& source) {
  Fault fault{source.place(exception.mark.line, exception.mark.column),
              "not YAML: " + reason(exception.msg)};
  // The usual cause, and not one that the parser's message would lead to.
  if (source.line(fault.place.line).find("${") != std::string_view::npos) {
    fault.what += "; inside { } and [ ] write \"${NAME}\" with quotes";
  }
  return fault;
}

void parse(const Source& source, TreeBuilder& builder, Document& document) {
  try {
    std::istringstream stream(source.text());
    YAML::Parser parser(stream);
    while (!builder.ended() && parser.HandleNextDocument(builder)) {
    }
    document.whole = !builder.ended();
  } catch (const YAML::Exception& exception) {
    if (!builder.ended()) document.faults.push_back(fault_of(exception, source));
  } catch (const std::exception&) {
    if (!builder.ended()) document.faults.push_back({{}, "not YAML"});
  }
}

}  // namespace

Document read(std::string_view text, const ReadLimits& limits) {
  Document document;
  if (text.size() > limits.bytes) {
    document.faults.push_back({{}, "the file is larger than a configuration can be"});
    return document;
  }
  const Source source(text);
  if (auto fault = source.first_fault()) {
    document.faults.push_back(*std::move(fault));
    return document;
  }
  TreeBuilder builder(source, limits, document);
  parse(source, builder, document);
  return document;
}

}  // namespace yata::config::yaml
