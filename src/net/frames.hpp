// net/frames.hpp - memory of coroutine frames, kept per thread: a request makes and drops the same dozen sizes again and again.
#pragma once

#include <array>
#include <cstddef>
#include <new>

namespace ajar::net {

// Sanitizers must see every frame come and go.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer) || __has_feature(thread_sanitizer)
#define AJAR_PLAIN_FRAMES 1
#endif
#endif

namespace detail {
struct FreeFrame {
  FreeFrame* next;
};
struct FreeFrames {
  FreeFrame* first = nullptr;
  std::size_t count = 0;
};
}  // namespace detail

class Frames {
 public:
  static void* take(std::size_t size) {
#ifndef AJAR_PLAIN_FRAMES
    const std::size_t at = class_of(size);
    if (at < classes) {
      detail::FreeFrames& list = lists_[at];
      if (list.first != nullptr) {
        detail::FreeFrame* frame = list.first;
        list.first = frame->next;
        --list.count;
        return frame;
      }
      return ::operator new((at + 1) * step);
    }
#endif
    return ::operator new(size);
  }

  static void give(void* memory, [[maybe_unused]] std::size_t size) noexcept {
#ifndef AJAR_PLAIN_FRAMES
    const std::size_t at = class_of(size);
    if (at < classes && lists_[at].count < most) {
      lists_[at].first = new (memory) detail::FreeFrame{lists_[at].first};
      ++lists_[at].count;
      return;
    }
#endif
    ::operator delete(memory);
  }

 private:
  static constexpr std::size_t step = 32, classes = 128;  // up to 4 KiB
  static constexpr std::size_t most = 64;                 // frames of one size that a thread keeps; what a burst left over goes back
  static std::size_t class_of(std::size_t size) noexcept { return (size - 1) / step; }
  static inline constinit thread_local std::array<detail::FreeFrames, classes> lists_{};
};

}  // namespace ajar::net
