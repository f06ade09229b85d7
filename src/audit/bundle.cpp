// audit/bundle.cpp - records as they were hashed, and what else the root needs.
#include "audit/bundle.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/base64.hpp"
#include "base/text.hpp"

namespace ajar::audit {
namespace {

std::unexpected<Error> wrong(std::string message) { return fail(Fault::bad_request, std::move(message)); }

std::string text_of(const Digest& digest) {
  std::string bytes;
  for (const std::uint8_t byte : digest) bytes.push_back(static_cast<char>(byte));
  return to_base64(bytes);
}

void note_policy(std::vector<std::string>& policies, const json::Value& record) {
  const std::string policy(record["policy"].text());
  if (std::ranges::find(policies, policy) == policies.end()) policies.push_back(policy);
}

}  // namespace

Result<std::string> bundle_of(const LogReader& log, std::uint64_t from, std::uint64_t to) {
  json::Array records, proof, policies;
  Summary summary;
  std::vector<std::string> versions;
  if (auto read = log.each(from, to,
                           [&](std::uint64_t, std::string_view record) {
                             records.emplace_back(std::string(record));
                             if (const auto value = json::read(record)) summary.add(*value), note_policy(versions, *value);
                           });
      !read)
    return std::unexpected(read.error());
  std::optional<Error> failed;
  if (from < to)
    for (const Digest& digest : range_proof(from, to, log.size(), [&](std::uint64_t a, std::uint64_t b) {
           const auto hash = log.subtree(a, b);
           if (!hash) failed = hash.error();
           return hash.value_or(Digest{});
         }))
      proof.emplace_back(text_of(digest));
  if (failed) return std::unexpected(*failed);
  for (const std::string& version : versions) policies.emplace_back(version);
  return json::write_pretty(json::Value{{"format", "ajar-audit-bundle/1"},
                                        {"summary", summary.sentence()},
                                        {"checkpoint", log.note()},
                                        {"from", static_cast<std::int64_t>(from)},
                                        {"policies", std::move(policies)},
                                        {"proof", std::move(proof)},
                                        {"records", std::move(records)},
                                        {"not_proven",
                                         "that a label was right where detection alone set it; that nobody carried the data out by another "
                                         "way; what a provider does with what it was allowed to get"}});
}

Result<Checked> check_bundle(std::string_view text, const std::string& named) {
  const auto verifier = verifier_named(named);
  if (!verifier) return std::unexpected(verifier.error());
  const auto bundle = json::read(text, {.depth = 64, .refuse_duplicates = true});
  if (!bundle) return wrong(fmt::format("the bundle is no JSON: {}", bundle.error().message));
  if ((*bundle)["format"].text() != "ajar-audit-bundle/1") return wrong("this is no bundle of an audit log (format ajar-audit-bundle/1)");
  const auto checkpoint = checkpoint_of((*bundle)["checkpoint"].text(), *verifier);
  if (!checkpoint) return std::unexpected(checkpoint.error());
  Checked checked{*checkpoint, static_cast<std::uint64_t>((*bundle)["from"].integer().value_or(0)), 0, {}, {}};
  const json::Array *records = (*bundle)["records"].array(), *proof = (*bundle)["proof"].array();
  if (records == nullptr || proof == nullptr) return wrong("the bundle holds no list of records or no proof");
  std::vector<Digest> leaves, hashes;
  for (const json::Value& record : *records) {
    if (record.string() == nullptr) return wrong("a record is no text");
    leaves.push_back(leaf_hash(*record.string()));
    const auto value = json::read(*record.string());
    if (!value) return wrong(fmt::format("record {} is no JSON", checked.from + checked.count));
    checked.summary.add(*value);
    note_policy(checked.policies, *value);
    ++checked.count;
  }
  for (const json::Value& hash : *proof) {
    const auto bytes = from_base64(hash.text());
    if (!bytes || bytes->size() != 32) return wrong("the proof holds something that is no hash");
    Digest digest{};
    std::transform(bytes->begin(), bytes->end(), digest.begin(), [](char c) { return static_cast<std::uint8_t>(c); });
    hashes.push_back(digest);
  }
  if (leaves.empty()) return checked;
  const auto root = root_by_proof(leaves, checked.from, checkpoint->size, hashes);
  if (!root || *root != checkpoint->root)
    return wrong("the records are not those that the log holds at this place: one was changed, left out, added or moved");
  if (const std::string_view said = (*bundle)["summary"].text(); said != checked.summary.sentence())
    return wrong(fmt::format("the bundle's sentence is not what its records come to, which is: {}", checked.summary.sentence()));
  return checked;
}

}  // namespace ajar::audit
