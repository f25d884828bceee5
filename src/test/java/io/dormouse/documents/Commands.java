package io.dormouse.documents;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Looks at commands that pages show: whether what they name is there. They are not run. */
final class Commands {
  private static final Set<String> PHASES =
      Set.of("clean", "compile", "test-compile", "test", "package", "verify", "install", "deploy");

  /** What plugins and Maven itself know. */
  private static final Set<String> OF_PLUGINS =
      Set.of(
          "skipTests",
          "test",
          "exec.args",
          "exec.skip",
          "enforcer.skip",
          "maven.repo.local",
          "invoker.test");

  /** Others of which only the name is looked at. */
  private static final Set<String> OTHERS =
      Set.of("git", "cd", "jfr", "jcmd", "export", "sha256sum");

  private static final Pattern WORD = Pattern.compile("(?:[^\\s\"]|\"[^\"]*\")+");

  private final Pom pom;
  private final Sources sources;

  Commands(Pom pom, Sources sources) {
    this.pom = pom;
    this.sources = sources;
  }

  static boolean beginsWithOne(String lines) {
    String first = lines.strip().replaceFirst("(?s)\\s.*", "");
    return OTHERS.contains(first) || first.equals("mvn") || first.equals("java");
  }

  /** What is wrong with commands, one a line; what follows {@code #} is a comment. */
  Optional<String> problem(String lines) {
    return lines
        .replace("\\\n", " ")
        .replace("&&", "\n")
        .lines()
        .map(line -> line.replaceFirst("(^|\\s)#.*", "").strip())
        .filter(line -> !line.isEmpty())
        .flatMap(line -> problemOfLine(line).stream())
        .findFirst();
  }

  private Optional<String> problemOfLine(String line) {
    List<String> words = WORD.matcher(line).results().map(word -> word.group()).toList();
    String command = words.get(0);
    Stream<String> rest = words.stream().skip(1);
    if (command.equals("mvn")) {
      return rest.flatMap(word -> problemOfMaven(word).stream()).findFirst();
    } else if (command.equals("java")) {
      return rest.filter(word -> word.startsWith("src/"))
          .filter(word -> !Files.exists(Path.of(word)))
          .map(word -> "no such file: " + word)
          .findFirst();
    }
    return OTHERS.contains(command) ? Optional.empty() : Optional.of("no command: " + command);
  }

  private Optional<String> problemOfMaven(String word) {
    Matcher property = Pattern.compile("-D([\\w.]+)(?:=(.*))?").matcher(word);
    boolean good;
    if (word.startsWith("-P")) {
      good = Stream.of(word.substring(2).split(",")).allMatch(pom::hasProfile);
    } else if (property.matches()) {
      good = isProperty(property.group(1), property.group(2));
    } else if (word.startsWith("-")) {
      good = Set.of("-B", "-q", "-ntp", "-o", "-U").contains(word);
    } else if (word.contains(":")) {
      good = pom.hasPlugin(word.substring(0, word.indexOf(':')));
    } else {
      good = PHASES.contains(word) || word.equals("...") || word.equals("…");
    }
    return good ? Optional.empty() : Optional.of("Maven doesn't know " + word);
  }

  private boolean isReadByATest(String name) {
    Pattern read = Pattern.compile("\\bget(Property|Long|Integer)\\(\"" + name + "\"");
    return sources.tests().values().stream().anyMatch(text -> read.matcher(text).find());
  }

  private boolean isProperty(String name, String value) {
    if (name.equals("test") && value.matches("\\w+")) {
      return sources.tests().keySet().stream().anyMatch(test -> test.endsWith(value + ".java"));
    } else if (name.equals("example") && !value.equals("NAME")) {
      return Files.exists(Path.of("src/test/java/io/dormouse/example", value, "Main.java"));
    }
    return OF_PLUGINS.contains(name) || pom.hasProperty(name) || isReadByATest(name);
  }
}
