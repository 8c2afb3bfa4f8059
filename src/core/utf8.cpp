#include "core/utf8.h"

#include <boost/locale/utf.hpp>

namespace klbench {

std::size_t find_invalid_utf8(std::string_view bytes) {
  using Traits = boost::locale::utf::utf_traits<char>;
  const char* const end = bytes.data() + bytes.size();
  for (const char* at = bytes.data(); at != end;) {
    const char* const start = at;
    const auto code = Traits::decode(at, end);
    if (code == boost::locale::utf::illegal || code == boost::locale::utf::incomplete) {
      return static_cast<std::size_t>(start - bytes.data());
    }
  }
  return std::string_view::npos;
}

}  // namespace klbench
