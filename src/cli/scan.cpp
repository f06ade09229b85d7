// cli/scan.cpp - `ajar scan`: what of a text looks sensitive, by the code of the live path.
#include <fmt/format.h>

#include <algorithm>

#include "base/json.hpp"
#include "base/text.hpp"
#include "cli/home.hpp"
#include "cli/run.hpp"
#include "cli/verbs.hpp"
#include "detect/scan.hpp"
#include "policy/classify.hpp"

namespace ajar::cli {
namespace {

std::string label_text(std::span<const detect::Finding> found) { return join(policy::names_of(policy::label_of(found), {}), "+"); }

json::Array value_of(const std::vector<detect::Finding>& found) {
  json::Array all;
  for (const detect::Finding& f : found) {
    json::Value one{{"start", static_cast<std::int64_t>(f.start)}, {"end", static_cast<std::int64_t>(f.end)}, {"label", name_of(f.kind)}};
    if (!f.sub.empty()) one.set("sub", f.sub);
    one.set("confidence", static_cast<double>(static_cast<int>(f.confidence * 100 + 0.5F)) / 100);
    all.push_back(std::move(one));
  }
  return all;
}

// Line by line; a line that is no such object ends it.
int scan_lines(const std::string& file, std::string_view text) {
  int line = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view row = trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    ++line;
    if (row.empty()) continue;
    const auto value = json::read(row);
    const std::string* content = value ? (*value)["text"].string() : nullptr;
    if (content == nullptr)
      return complain(fail(Fault::config, fmt::format("{}:{}: {}; write {{\"id\": ..., \"text\": \"...\"}}", input_name(file), line,
                                                      value ? "there is no \"text\"" : value.error().message.str()))
                          .error());
    const std::vector<detect::Finding> found = detect::scan(*content);
    fmt::print("{}\n", json::write(json::Value{{"id", (*value)["id"]}, {"findings", value_of(found)}, {"label", label_text(found)}}));
  }
  return 0;
}

// Lines and columns of places that are asked for in order.
class Lines {
 public:
  explicit Lines(std::string_view text) : text_(text) {}
  std::string at(std::size_t place) {
    for (std::size_t end; (end = text_.find('\n', begin_)) < place; begin_ = end + 1) ++line_;
    return fmt::format("{}:{}", line_, place - begin_ + 1);
  }

 private:
  std::string_view text_;
  std::size_t begin_ = 0, line_ = 1;
};

std::string on_one_line(std::string_view text) {
  std::string out(clipped(text, 120));
  for (char& c : out)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  return out;
}

void tell(const std::string& file, std::string_view text, const std::vector<detect::Finding>& found, bool show) {
  Lines lines(text);
  for (const detect::Finding& f : found) {
    fmt::print("{}:{}: {}{} {:.2f}{}{}\n", input_name(file), lines.at(f.start), name_of(f.kind),
               f.sub.empty() ? "" : fmt::format(" {}", f.sub), f.confidence, f.checked ? ", check digit or shape right" : "",
               show ? ": " + on_one_line(text.substr(f.start, f.end - f.start)) : "");
  }
  fmt::print("{}: {} finding(s), label {}\n", input_name(file), found.size(), label_text(found));
}

}  // namespace

int scan(const ScanOptions& o) {
  const std::vector<std::string> files = o.files.empty() ? std::vector<std::string>{"-"} : o.files;
  bool raised = false;
  for (const std::string& file : files) {
    const auto text = read_input(file);
    if (!text) return complain(text.error());
    if (o.jsonl) {
      if (const int code = scan_lines(file, *text); code != 0) return code;
      continue;
    }
    const std::vector<detect::Finding> found = detect::scan(*text);
    raised = raised || policy::label_of(found) != policy::public_label;
    if (o.json)
      fmt::print("{}\n", json::write(json::Value{{"file", input_name(file)}, {"findings", value_of(found)}, {"label", label_text(found)}}));
    else
      tell(file, *text, found, o.show);
  }
  return raised ? 1 : 0;
}

}  // namespace ajar::cli
