#include "config/option_spec.h"

#include <limits>

#include "catch.h"
#include "temporary_folder.h"

using namespace klbench;

namespace {

const OptionSpec kTau{.name = "tau", .default_value = 0.5, .help = "", .min = 0, .max = 1, .max_open = true};
const OptionSpec kEpochs{.name = "epochs", .default_value = std::int64_t{10}, .help = "", .min = 1};
const OptionSpec kKind{.name = "kind", .default_value = std::string("raw"), .help = "", .choices = {"raw", "log_var"}};
const OptionSpec kFlag{.name = "flag", .default_value = false, .help = ""};

std::string refusal(const OptionSpec& spec, const Value& value) {
  return usage_error([&] { spec.check(value); });
}

}  // namespace

TEST_CASE("Values print as the shortest text that reads back") {
  CHECK(to_string(Value(true)) == "true");
  CHECK(to_string(Value(false)) == "false");
  CHECK(to_string(Value(std::int64_t{-32})) == "-32");
  CHECK(to_string(Value(0.1)) == "0.1");
  CHECK(to_string(Value(0.1 + 0.2)) == "0.30000000000000004");
  CHECK(to_string(Value(std::string("a b"))) == "a b");
}

TEST_CASE("A real is always recognisable as a real") {
  CHECK(to_string(Value(1.0)) == "1.0");
  CHECK(to_string(Value(-3.0)) == "-3.0");
  CHECK(to_string(Value(1e20)) == "1e+20");
  CHECK(to_string(Value(1e-7)) == "1e-07");
}

TEST_CASE("Types describe themselves with their range") {
  CHECK(kTau.describe_type() == "real in [0, 1)");
  CHECK(kEpochs.describe_type() == "integer >= 1");
  CHECK(kKind.describe_type() == "one of: raw, log_var");
  CHECK(kFlag.describe_type() == "boolean");
  CHECK(OptionSpec{.name = "x", .default_value = 1.0, .help = "", .min = 0, .min_open = true}.describe_type() ==
        "real > 0");
  CHECK(OptionSpec{.name = "x", .default_value = 1.0, .help = "", .max = 2}.describe_type() == "real <= 2");
  CHECK(OptionSpec{.name = "x", .default_value = 1.0, .help = ""}.describe_type() == "real");
  CHECK(OptionSpec{.name = "x", .default_value = std::string(), .help = ""}.describe_type() == "text");
}

TEST_CASE("A good value passes, an integer becomes the real that is wanted, a whole real the integer") {
  CHECK(kEpochs.check(3.0) == Value(std::int64_t{3}));
  CHECK(kTau.check(0.0) == Value(0.0));
  CHECK(kTau.check(std::int64_t{0}) == Value(0.0));
  CHECK(kEpochs.check(std::int64_t{1}) == Value(std::int64_t{1}));
  CHECK(kKind.check(std::string("log_var")) == Value(std::string("log_var")));
  CHECK(kFlag.check(true) == Value(true));
}

TEST_CASE("Minus zero is the same value as zero") { CHECK(to_string(kTau.check(-0.0)) == "0.0"); }

TEST_CASE("Values out of range are refused with the range") {
  CHECK(refusal(kTau, 1.5) == "option 'tau' wants a real in [0, 1), got 1.5");
  CHECK(refusal(kTau, 1.0) == "option 'tau' wants a real in [0, 1), got 1.0");
  CHECK(refusal(kTau, -0.1) == "option 'tau' wants a real in [0, 1), got -0.1");
  CHECK(refusal(kEpochs, std::int64_t{0}) == "option 'epochs' wants an integer >= 1, got 0");
}

TEST_CASE("Numbers that are not finite are refused even where no range is given") {
  const OptionSpec any{.name = "x", .default_value = 1.0, .help = ""};
  CHECK(refusal(any, std::numeric_limits<double>::infinity()) == "option 'x' wants a real, got inf");
  CHECK(refusal(any, std::numeric_limits<double>::quiet_NaN()) == "option 'x' wants a real, got nan");
}

TEST_CASE("Values of another type are refused") {
  CHECK(refusal(kEpochs, 3.5) == "option 'epochs' wants an integer >= 1, got 3.5");
  CHECK(refusal(kEpochs, 1e300) == "option 'epochs' wants an integer >= 1, got 1e+300");
  CHECK(refusal(kEpochs, std::string("3")) == "option 'epochs' wants an integer >= 1, got '3'");
  CHECK(refusal(kFlag, std::string("yes")) == "option 'flag' wants a boolean, got 'yes'");
  CHECK(refusal(kTau, true) == "option 'tau' wants a real in [0, 1), got true");
}

TEST_CASE("A text that is none of the choices is refused with the nearest") {
  CHECK(refusal(kKind, std::string("logvar")) ==
        "option 'kind' wants one of: raw, log_var; got 'logvar' (did you mean 'log_var'?)");
}

TEST_CASE("Options are the defaults overridden by what is given") {
  const ComponentSpec spec{.key = "c", .options = {kTau, kEpochs, kKind, kFlag}};
  const Options options(spec, {{"tau", std::int64_t{0}}, {"flag", true}});
  CHECK(options.real("tau") == 0.0);
  CHECK(options.integer("epochs") == 10);
  CHECK(options.text("kind") == "raw");
  CHECK(options.boolean("flag"));
  CHECK(options.values().size() == 4);
}

TEST_CASE("Options refuse unknown names and bad values") {
  const ComponentSpec spec{.key = "c", .options = {kTau, kEpochs}};
  CHECK(usage_error([&] {
          Options(spec, {{"taw", 0.5}});
        }) == "unknown option of c 'taw' (did you mean 'tau'?); valid: tau, epochs");
  CHECK(usage_error([&] { Options(spec, {{"tau", 2.0}}); }) == "option 'tau' wants a real in [0, 1), got 2.0");
  CHECK(usage_error([&] { Options(ComponentSpec{.key = "vae"}, {{"x", 2.0}}); }) == "'vae' has no options, got 'x'");
}

TEST_CASE("Asking for an option that is not declared, or as another type, is a failure of the code") {
  const Options options(ComponentSpec{.key = "c", .options = {kTau}}, {});
  CHECK_THROWS_WITH(options.real("eps"), ContainsSubstring("no option 'eps'"));
  CHECK_THROWS_WITH(options.integer("tau"), ContainsSubstring("another type"));
}

TEST_CASE("Options that do not go with each other are found") {
  const OptionSpec heads{.name = "heads", .default_value = std::int64_t{4}, .help = "", .divides = "width"};
  const OptionSpec width{.name = "width", .default_value = std::int64_t{8}, .help = ""};
  const OptionSpec share{
      .name = "share", .default_value = 0.5, .help = "", .min = 0, .max = 2, .max_where = "kind=log_var"};
  const ComponentSpec spec{.key = "c", .options = {heads, width, share, kKind}};
  check_spec(spec);
  const auto why = [&](const std::map<std::string, Value>& given) {
    return conflict_of(spec, Options(spec, given).values()).why;
  };
  CHECK(why({{"share", 3.0}}).empty());
  CHECK(why({{"share", 2.0}, {"kind", std::string("log_var")}}).empty());
  CHECK(why({{"share", 3.0}, {"kind", std::string("log_var")}}) ==
        "3.0 is not <= 2, as it has to be where kind is log_var");
  CHECK(why({{"width", std::int64_t{6}}}) == "4 does not divide width 6");
  CHECK(share.describe_type() == "real >= 0");
  CHECK_THAT(usage_error([&] { check_spec({.key = "c", .options = {heads}}); }),
             ContainsSubstring("option 'heads' divides 'width', which names no other option of it"));
  CHECK_THAT(usage_error([] { check_spec({.key = "c", .needs = {"standart_latent"}}); }),
             ContainsSubstring("'standart_latent' (did you mean 'standard_latent'?)"));
  check_spec({.key = "c", .needs = {kTwoExamples, "eval.generation"}});
}

TEST_CASE("A spec is checked itself: key, names, doubles, defaults") {
  check_spec({.key = "good", .options = {kTau, kEpochs}});
  CHECK_THAT(usage_error([] { check_spec({.key = "Bad Key"}); }), ContainsSubstring("key 'Bad Key'"));
  CHECK_THAT(usage_error([] { check_spec({.key = ""}); }), ContainsSubstring("key ''"));
  CHECK_THAT(usage_error([] {
               check_spec({.key = "c", .options = {kTau, kTau}});
             }),
             ContainsSubstring("option 'tau' is declared twice"));
  CHECK_THAT(
      usage_error([] { check_spec({.key = "c", .options = {{.name = "name", .default_value = 1.0, .help = ""}}}); }),
      ContainsSubstring("not 'name'"));
  CHECK_THAT(usage_error([] {
               check_spec({.key = "c", .options = {{.name = "x", .default_value = 0.0, .help = "", .min = 1}}});
             }),
             ContainsSubstring("c: default value: option 'x' wants a real >= 1, got 0.0"));
}
