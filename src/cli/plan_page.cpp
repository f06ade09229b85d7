// cli/plan_page.cpp - the page with plots: the built one of web/, with the plans put into it.
#include <fmt/format.h>

#include "cli/home.hpp"
#include "cli/plan_report.hpp"

// Embedded by the build, see web.cmake.
namespace ajar::cli::data {
extern const std::string_view plan_html;
}

namespace ajar::cli {
namespace {

constexpr std::string_view place = R"(<script type="application/json" id="plans">"plans"</script>)";

// JSON that no browser takes for the end of the script element that holds it, or for the start of a comment.
std::string harmless(std::string_view json) {
  std::string text;
  text.reserve(json.size());
  for (const char c : json) c == '<' ? text += "\\u003c" : text += c;
  return text;
}

}  // namespace

Status write_page(const std::filesystem::path& path, const std::vector<NamedPlan>& plans) {
  const std::string_view page = data::plan_html;
  const std::size_t at = page.find(place);
  if (at == std::string_view::npos)
    return fail(Fault::config,
                "--html: this program was built without its pages (AJAR_WEB=OFF); build it with Node.js at hand, or take --json");
  const std::size_t quoted = at + place.rfind("\"plans\"");
  return write_private(path, fmt::format("{}{}{}", page.substr(0, quoted), harmless(json::write(value_of(plans))),
                                         page.substr(quoted + std::string_view("\"plans\"").size())));
}

}  // namespace ajar::cli
