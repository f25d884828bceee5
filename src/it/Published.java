import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Looks at what would be published: the jar, the metadata that Gradle reads, and the POM. */
public final class Published {
  public static void main(String[] args) throws Exception {
    jar(Path.of(args[0]));
    gradle(Files.readString(Path.of(args[1])));
    pom(Files.readString(Path.of(args[2])));
    System.out.println("jar, Gradle metadata and POM are as they should be");
  }

  private static void jar(Path file) throws Exception {
    try (JarFile jar = new JarFile(file.toFile())) {
      Set<String> entries =
          jar.stream().map(entry -> entry.getName()).collect(Collectors.toCollection(TreeSet::new));
      for (String needed :
          List.of(
              "META-INF/LICENSE",
              "META-INF/proguard/dormouse.pro",
              "META-INF/com.android.tools/r8/dormouse.pro",
              "module-info.class",
              "io/dormouse/ConnectionRegistry.class")) {
        require(entries.contains(needed), needed + " is in the jar");
      }
      for (String entry : entries) {
        boolean ours = entry.startsWith("META-INF/") || entry.startsWith("io/");
        require(ours || entry.equals("module-info.class"), "nothing like " + entry + " is in it");
        require(!entry.contains("Test"), "no test is in it, such as " + entry);
      }
    }
  }

  /** Each variant leads to okhttp, which leads on to okhttp-jvm or okhttp-android. */
  private static void gradle(String module) {
    Matcher variant =
        Pattern.compile("\"name\":\\s*\"(\\w+Elements)\"(.*?)\"files\"", Pattern.DOTALL)
            .matcher(module);
    Set<String> variants = new TreeSet<>();
    while (variant.find()) {
      variants.add(variant.group(1));
      Set<String> dependencies =
          Pattern.compile("\"module\":\\s*\"(.*?)\"")
              .matcher(variant.group(2))
              .results()
              .map(found -> found.group(1))
              .collect(Collectors.toCollection(TreeSet::new));
      require(
          dependencies.equals(Set.of("Java-WebSocket", "jspecify", "okhttp", "slf4j-api")),
          variant.group(1) + " has exactly the four dependencies, not " + dependencies);
    }
    require(
        variants.equals(Set.of("apiElements", "runtimeElements")),
        "Gradle finds an API and a runtime, not " + variants);
  }

  /** What Maven Central asks for. */
  private static void pom(String pom) {
    for (String element :
        List.of("name", "description", "url", "licenses", "developers", "scm", "connection")) {
      require(pom.contains("<" + element + ">"), "the POM has <" + element + ">");
    }
    require(
        pom.contains("do_not_remove: published-with-gradle-metadata"),
        "the POM leads Gradle to its metadata");
  }

  private static void require(boolean held, String what) {
    if (!held) {
      throw new AssertionError("expected: " + what);
    }
  }
}
