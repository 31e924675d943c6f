/** Small valid documents; tests spoil them. */
export const journey = (id: string, more: object = {}) => ({
  schemaVersion: 1,
  id,
  name: `Journey ${id}`,
  topic: 'offers',
  entry: [{ on: 'event', event: 'Signed Up' }] as object[],
  reentry: { again: 'never', whileInside: 'ignore' },
  start: 'hello',
  steps: { hello: { type: 'message', template: 'hello', channels: ['email'], next: 'end' } },
  ...more,
});

export const marketingTemplate = (id: string) => ({
  schemaVersion: 1,
  id,
  variables: { 'profile.firstName': { type: 'string', example: 'Ann' } },
  variants: [
    {
      channel: 'email',
      content: {
        subject: 'Hello {{ profile.firstName }}',
        html: '<p>Hello {{ profile.firstName }}</p><p><a href="{{ unsubscribe_url }}">Unsubscribe</a> {{ postal_address }}</p>',
      },
    },
  ],
});
