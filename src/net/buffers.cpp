// net/buffers.cpp - the pool of body buffers.
#include "net/buffers.hpp"

#include <sys/mman.h>

#include <bit>
#include <cstdlib>

namespace ajar::net {

void Buffer::reset() noexcept {
  if (data_ != nullptr) pool_->put(data_, size_);
  data_ = nullptr;
  size_ = 0;
}

Buffers::~Buffers() {
  for (std::size_t i = 0; i < free_.size(); ++i)
    for (char* data : free_[i]) ::munmap(data, smallest << i);
}

Buffer Buffers::get(std::size_t at_least) {
  const std::size_t size = std::bit_ceil(at_least < smallest ? smallest : at_least);
  const auto index = static_cast<std::size_t>(std::countr_zero(size / smallest));
  if (index < free_.size() && !free_[index].empty()) {
    char* data = free_[index].back();
    free_[index].pop_back();
    idle_ -= size;
    return {this, data, size};
  }
  void* data = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (data == MAP_FAILED) std::abort();
  return {this, static_cast<char*>(data), size};
}

void Buffers::put(char* data, std::size_t size) noexcept {
  const auto index = static_cast<std::size_t>(std::countr_zero(size / smallest));
  if (index >= free_.size() || idle_ + size > idle_bound) {
    ::munmap(data, size);
    return;
  }
  free_[index].push_back(data);
  idle_ += size;
}

}  // namespace ajar::net
