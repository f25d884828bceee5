/** Classes that break each rule of the house once, so that each rule is seen to fail. */
package io.dormouse.architecture.wrong;
