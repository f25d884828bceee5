package io.dormouse.support;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Has some loggers say all they have to say, and keeps it; elsewhere in the tests all are off. */
public final class LoudLog implements AutoCloseable {
  private final ByteArrayOutputStream logged = new ByteArrayOutputStream();
  private final PrintStream before = System.err;
  private final List<Runnable> hushes = new ArrayList<>();

  /** Begins. */
  public LoudLog(String... loggers) {
    this(false, loggers);
  }

  /** Has these loggers throw at whatever they are told. */
  public static LoudLog throwing(String... loggers) {
    return new LoudLog(true, loggers);
  }

  private LoudLog(boolean throwing, String... loggers) {
    System.setErr(
        new PrintStream(logged, true, UTF_8) {
          @Override
          public void println(String line) {
            super.println(line);
            if (throwing) {
              throw new IllegalStateException("a logger that throws");
            }
          }
        });
    for (String name : loggers) {
      Logger logger = LoggerFactory.getLogger(name);
      Object level = level(logger, 0); // trace
      hushes.add(() -> level(logger, level));
    }
  }

  /** Sets a level of slf4j-simple, and returns the one before. */
  private static Object level(Logger logger, Object level) {
    try {
      Field field = logger.getClass().getDeclaredField("currentLogLevel");
      field.setAccessible(true);
      Object old = field.get(logger);
      field.set(logger, level);
      return old;
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(e.getMessage(), e);
    }
  }

  /** Returns what was logged so far. */
  public String text() {
    return logged.toString(UTF_8);
  }

  @Override
  public void close() {
    System.setErr(before);
    hushes.forEach(Runnable::run);
  }
}
