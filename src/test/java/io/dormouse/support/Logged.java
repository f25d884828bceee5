package io.dormouse.support;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All that the library logs, at every level, from its making until it is closed. */
public final class Logged implements AutoCloseable {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream before = System.err;
  private final List<Loud> loud = new ArrayList<>();

  /** Begins to listen. */
  public Logged() {
    for (String name : List.of("connections", "callbacks", "registry")) {
      loud.add(new Loud("io.dormouse." + name));
    }
    System.setErr(new PrintStream(bytes, true, UTF_8));
  }

  /** Returns what was logged up to now. */
  public String text() {
    return bytes.toString(UTF_8);
  }

  /** Returns how often something was logged up to now. */
  public int count(String words) {
    return text().split(Pattern.quote(words), -1).length - 1;
  }

  @Override
  public void close() {
    System.setErr(before);
    loud.forEach(Loud::hush);
  }

  /** A logger that the tests' configuration has turned off. */
  private static final class Loud {
    private final Logger logger;
    private final Field level;
    private final Object before;

    Loud(String name) {
      logger = LoggerFactory.getLogger(name);
      try {
        level = logger.getClass().getDeclaredField("currentLogLevel");
        level.setAccessible(true);
        before = level.get(logger);
        level.set(logger, 0); // trace
      } catch (ReflectiveOperationException e) {
        throw new LinkageError(e.getMessage(), e);
      }
    }

    void hush() {
      try {
        level.set(logger, before);
      } catch (ReflectiveOperationException e) {
        throw new LinkageError(e.getMessage(), e);
      }
    }
  }
}
