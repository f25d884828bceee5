package io.dormouse.log;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * A line of the log that never throws when it is written, for where that would end a thread or
 * leave something half done: loggers and exceptions are the app's classes, and memory may be out.
 *
 * <p>Keep it in a constant: the JVM makes the string of a literal when that is first used, which
 * would be too late.
 */
public final class LogLine {
  private enum Kind {
    ERROR,
    /** What code of the app has thrown, which is logged without its message. */
    APP_ERROR,
    WARN,
    DEBUG
  }

  private final Kind kind;
  private final Logger log;
  private final String format;

  private LogLine(Kind kind, Logger log, String format) {
    this.kind = kind;
    this.log = log;
    this.format = format;
  }

  /**
   * Creates one that is an error.
   *
   * @param format as SLF4J has it, with {@code {}} for each argument
   */
  public static LogLine error(Logger log, String format) {
    return new LogLine(Kind.ERROR, log, format);
  }

  /** The same for what code of the app has thrown: it is logged as {@link WithoutMessage}. */
  public static LogLine appError(Logger log, String format) {
    return new LogLine(Kind.APP_ERROR, log, format);
  }

  /** The same for what is not as it should be. */
  public static LogLine warn(Logger log, String format) {
    return new LogLine(Kind.WARN, log, format);
  }

  /** The same for what few want to know. */
  public static LogLine debug(Logger log, String format) {
    return new LogLine(Kind.DEBUG, log, format);
  }

  /** Writes it. */
  public void write(Throwable thrown) {
    write(null, null, thrown);
  }

  /** Writes it with an argument. */
  public void write(String argument, Throwable thrown) {
    write(argument, null, thrown);
  }

  /** Writes it with two arguments; what is null is left out. */
  public void write(@Nullable Object first, @Nullable Object second, @Nullable Throwable thrown) {
    try {
      switch (kind) {
        case ERROR -> log.error(format, first, second, thrown);
        case APP_ERROR ->
            log.error(format, first, second, thrown == null ? null : WithoutMessage.of(thrown));
        case WARN -> log.warn(format, first, second, thrown);
        case DEBUG -> log.debug(format, first, second, thrown);
      }
    } catch (Throwable e) {
      // There is nobody left to tell.
    }
  }
}
