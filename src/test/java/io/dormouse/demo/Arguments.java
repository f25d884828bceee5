package io.dormouse.demo;

import java.nio.file.Path;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the user asked for.
 *
 * @param targets the user's own endpoints; the demo brings servers for the services that are not
 *     there
 * @param help whether only the usage is wanted
 * @param timeline where to write what happened; its ending says how
 */
record Arguments(Map<Service, Target> targets, boolean help, Path timeline) {
  private static final Path TIMELINE = Path.of("target", "timeline.html");

  static final String USAGE =
      """
      usage: mvn -q -Ddemo test-compile exec:java
               [-Dexec.args="ARGUMENTS"]
      arguments, all optional; without them all servers are
      the demo's own:
        --http URL
        --tcp HOST:PORT   --tcp tls://HOST:PORT
        --udp HOST:PORT
        --ws ws://URL     --ws wss://URL
        --timeline FILE.html, FILE.svg or FILE.json""";

  private static final Map<String, Service> FLAGS =
      Map.of(
          "--http", Service.API,
          "--tcp", Service.TELEMETRY,
          "--udp", Service.DISCOVERY,
          "--ws", Service.CHAT);

  /** With an address that says so. */
  private static final Map<String, Service> SECURE =
      Map.of(
          "--tcp", Service.SECURE_TCP,
          "--ws", Service.SECURE_WS);

  /**
   * Reads the command line.
   *
   * @throws IllegalArgumentException if it is wrong; the message says what about it
   */
  static Arguments parse(String... args) {
    Map<Service, Target> targets = new EnumMap<>(Service.class);
    boolean help = false;
    Optional<Path> timeline = Optional.empty();
    Iterator<String> rest = List.of(args).iterator();
    while (rest.hasNext()) {
      String flag = rest.next();
      if (flag.equals("--help") || flag.equals("-h")) {
        help = true;
      } else if (flag.equals("--timeline")) {
        if (timeline.isPresent()) {
          throw new IllegalArgumentException(flag + " is there twice");
        }
        timeline = Optional.of(file(value(flag, rest)));
      } else {
        Target target = target(flag, rest);
        if (targets.put(target.service(), target) != null) {
          throw new IllegalArgumentException(flag + " is there twice");
        }
      }
    }
    return new Arguments(Collections.unmodifiableMap(targets), help, timeline.orElse(TIMELINE));
  }

  private static Path file(String name) {
    if (!name.matches("(?i).+\\.(html|svg|json)")) {
      throw new IllegalArgumentException(
          "--timeline takes a file whose name ends in .html, .svg or .json");
    }
    return Path.of(name);
  }

  private static String value(String flag, Iterator<String> rest) {
    if (!rest.hasNext()) {
      throw new IllegalArgumentException(flag + " lacks its value");
    }
    return rest.next();
  }

  private static Target target(String flag, Iterator<String> rest) {
    if (!FLAGS.containsKey(flag)) {
      throw new IllegalArgumentException("unknown argument " + flag);
    }
    String address = value(flag, rest);
    boolean secure = SECURE.containsKey(flag) && Target.isSecure(address);
    try {
      return Target.parse((secure ? SECURE : FLAGS).get(flag), address);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(flag + " takes " + e.getMessage(), e);
    }
  }
}
