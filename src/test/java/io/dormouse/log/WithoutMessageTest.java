package io.dormouse.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

/** What the app's code throws is logged with where it was thrown, and without what it says. */
class WithoutMessageTest {
  private static final String SECRET = "s3cr3t";

  private static String print(Throwable thrown) {
    StringWriter text = new StringWriter();
    thrown.printStackTrace(new PrintWriter(text, true));
    return text.toString();
  }

  @Test
  void classesAndFramesAreToldAndNoMessage() {
    Throwable cause = new NoClassDefFoundError(SECRET);
    Throwable thrown = new IllegalStateException("password " + SECRET, cause);
    thrown.addSuppressed(new IllegalArgumentException(SECRET));
    assertThat(print(WithoutMessage.of(thrown)))
        .contains(
            "java.lang.IllegalStateException",
            "java.lang.NoClassDefFoundError",
            "WithoutMessageTest.classesAndFramesAreToldAndNoMessage")
        .doesNotContain(SECRET);
  }

  @Test
  void causesThatAreACircleComeToAnEnd() {
    IllegalStateException one = new IllegalStateException();
    IllegalStateException other = new IllegalStateException(one);
    one.initCause(other);
    assertThat(print(WithoutMessage.of(one)).lines())
        .filteredOn(line -> line.startsWith("Caused by"))
        .hasSizeBetween(1, 20);
  }

  @Test
  void anExceptionThatThrowsWhenItIsAskedIsToldByItsClass() {
    class Bad extends RuntimeException {
      private static final long serialVersionUID = 1;

      @Override
      public String getMessage() {
        throw new IllegalStateException(SECRET);
      }

      @Override
      public synchronized Throwable getCause() {
        throw new IllegalStateException(SECRET);
      }

      @Override
      public StackTraceElement[] getStackTrace() {
        throw new IllegalStateException(SECRET);
      }

      @Override
      public String toString() {
        throw new IllegalStateException(SECRET);
      }
    }
    assertThat(print(WithoutMessage.of(new Bad()))).contains("Bad").doesNotContain(SECRET);
  }
}
