// Every word the widget shows. A page replaces single ones with `text-…` attributes
// (`text-title="Ask our recruiters"`) or the element's `strings` property.

export const STRINGS = {
  launcher: "Questions? Ask us",
  unread: "New messages: {count}",
  title: "Ask us about working here",
  subtitle: "Answers any time, people when it takes one",
  close: "Close",
  conversation: "Conversation",
  greeting: "Hello! Ask about jobs, applying, pay, benefits or life with us. If I can’t answer, a person will.",
  privacy: "You don’t need to give your name; we keep what you write so that we can answer, and you can delete it at any time.",
  privacyLink: "Privacy notice",
  starters: "How do I apply?|What benefits do you offer?|I’d like to talk to a person",
  composer: "Write a message",
  send: "Send",
  you: "You",
  assistant: "Assistant",
  hr: "HR team",
  typing: "One moment",
  notSent: "Not sent yet.",
  tryAgain: "Try again",
  edit: "Change it",
  today: "Today",
  yesterday: "Yesterday",
  newTab: "(opens in a new tab)",
  newBelow: "New message",
  feedback: "Did this help?",
  yes: "Yes",
  no: "No",
  thanks: "Thank you for telling us.",
  offline: "You’re offline. What you write is sent when you’re back.",
  lost: "We can’t be reached right now. Trying again; nothing you wrote is lost.",
  back: "You’re connected again.",
  failed: "That didn’t work. Please try again.",
  expired: "Your earlier conversation has ended; what you write now starts a new one.",
  formTitle: "Get the answer by e-mail",
  replyBy: "A person replies by {time}.",
  email: "E-mail",
  name: "Name (optional)",
  consent: "You may use my e-mail address to answer this question.",
  formSend: "Send to a person",
  noThanks: "No, thanks",
  formAgain: "Leave my e-mail after all",
  emailInvalid: "Please enter an e-mail address like name@example.org.",
  consentMissing: "Please tick the box, so that we may write to you.",
  delete: "Delete my conversation",
  deleteText: "Your messages, our answers and your e-mail address are deleted. This can’t be undone.",
  deleteYes: "Delete",
  deleteNo: "Keep it",
  deleted: "Your conversation has been deleted.",
};

// `text-no-thanks` overrides `noThanks`.
export function stringsOf(element, own) {
  return Object.fromEntries(Object.entries(STRINGS).map(([key, text]) => [key, own[key]
    ?? element.getAttribute(`text-${key.replace(/[A-Z]/g, "-$&").toLowerCase()}`) ?? text]));
}
