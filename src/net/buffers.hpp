// net/buffers.hpp - Buffer: memory for bodies in powers of two; Buffers: one thread's bounded pool of them.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace ajar::net {

class Buffers;

// Move-only; goes back to its pool when dropped. Sizes are mapped from the system, so that memory above the pool's bound is returned to it.
class Buffer {
 public:
  Buffer() = default;
  Buffer(Buffer&& other) noexcept : pool_(other.pool_), data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  Buffer& operator=(Buffer&& other) noexcept {
    std::swap(pool_, other.pool_);
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  Buffer(const Buffer&) = delete;
  ~Buffer() { reset(); }
  void reset() noexcept;
  char* data() noexcept { return data_; }
  const char* data() const noexcept { return data_; }
  std::size_t size() const noexcept { return size_; }
  explicit operator bool() const noexcept { return data_ != nullptr; }
  std::span<char> from(std::size_t at) noexcept { return {data_ + at, size_ - at}; }

 private:
  friend class Buffers;
  Buffer(Buffers* pool, char* data, std::size_t size) noexcept : pool_(pool), data_(data), size_(size) {}
  Buffers* pool_ = nullptr;
  char* data_ = nullptr;
  std::size_t size_ = 0;
};

class Buffers {
 public:
  Buffers() = default;
  ~Buffers();
  Buffers(const Buffers&) = delete;
  Buffer get(std::size_t at_least);  // ends the process when the system has no memory
  std::size_t idle_bytes() const noexcept { return idle_; }

  static constexpr std::size_t smallest = 4096;
  static constexpr std::size_t idle_bound = 8u << 20;  // kept for reuse by one thread

 private:
  friend class Buffer;
  void put(char* data, std::size_t size) noexcept;
  std::array<std::vector<char*>, 24> free_;  // 4 KiB << index
  std::size_t idle_ = 0;
};

}  // namespace ajar::net
